"""The words of the OpenAPI document that belong to no single route: its chapters, and parameters that
mean the same wherever they stand."""

TAGS = {
    "sign-in": "Coming in and going out: passwords, sessions, two steps, sign-up.",
    "people": "Who works here, with which rights, in which branch, team and territory.",
    "organisation": "What holds for the whole company, and taking all of it along.",
    "customers": "Whom the work is done for.",
    "contacts": "People at customers and sites, and what they want to be told.",
    "sites": "Where the work is done.",
    "equipment": "What is installed at a site.",
    "work orders": "What is to be done for a customer, from the call to the invoice.",
    "visits": "When somebody goes there, and how it went.",
    "board": "Some days of everybody: lanes, visits, drives, what is late; and keeping that right.",
    "job types": "Templates of work: duration, skills, tasks, prices.",
    "technicians": "Who goes out, with which skills and certificates.",
    "positions": "Where technicians are and were, who is nearest, and who looked.",
    "resources": "Crews and vehicles.",
    "working time": "When people work: shifts, time off, holidays, arrival windows.",
    "dispatch": "The day as it goes: alerts, what customers were told, notes of days, and what a day leaves"
    " to do.",
    "day sheets": "Days on paper.",
    "events": "What takes time and is no job.",
    "invoices": "What customers owe.",
    "payments": "What customers paid.",
    "search": "Everything by a name, a number, an address or a part of a telephone number.",
    "finding": "Saved views, and one action for many records.",
    "tags": "Labels that the office makes itself.",
    "notes": "What people write down beside a record.",
    "attachments": "Files that belong to a record.",
    "files": "Content: sent, read and saved.",
    "imports": "Lists from elsewhere: tried, brought in, taken back.",
    "mails": "What was written to people, and whether it arrived.",
    "jobs": "What runs in the background.",
    "journal": "Whatever happened, in order.",
    "realtime": "Being told of changes over a socket.",
    "operations": "Whether the installation works.",
}

PATHS = {
    "id": "The record's id.",
    "item_id": "The id of the item of the checklist.",
    "party_id": "The id of the customer's place at the site.",
}
"""Parameters in addresses."""

QUERIES = {
    "about_id": "Only mails about this record.",
    "customer_visible": "`true`: only what customers may see; `false`: only what they may not.",
    "did": "Only rows that this became of.",
    "entity": "The kind of record.",
    "entity_id": "Only what belongs to this record.",
    "limit": "How many at once.",
    "list": "Only of this list, such as `customers`.",
    "name": "Only what is called this.",
    "overrides": "`true`: only shifts that stand in for others on their days; `false`: only the others.",
    "shared": "Only views that are shared with this circle.",
    "subject_id": "Only jobs for this record.",
    "tag_id": "Only what carries this tag.",
    "to": "Only mails to this address.",
    "undone": "Only changes that this became of when the import was taken back.",
}
"""Parameters after the question mark that say nothing of themselves."""
