"""What runs beside requests: the relay that numbers the journal, jobs, schedules."""
