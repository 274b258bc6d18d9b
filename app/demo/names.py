"""Names to make people, streets and businesses from. None is anybody's: they are only combined."""

_FIRST = """
Aaron Abigail Adele Alan Alice Amara Andre Angela Annette Arturo Beatriz Ben Bernice Beth Blake
Brenda Brian Caleb Camila Carl Carol Cecilia Chad Cheryl Clara Cody Colleen Connor Craig Crystal
Dale Daniel Darlene David Debra Delia Dennis Derek Diane Donna Doug Duane Edith Eduardo Elena
Elliot Emily Eric Esther Ethan Eugene Evelyn Faith Felicia Frank Gail Garrett Gina Glenn Gloria
Grace Grant Greta Hannah Harold Heather Hector Helen Henry Holly Ian Irene Isaac Ivy Jack
Janelle Jared Jasmine Jean Jeremy Jesse Jill Joan Joel Jorge Joyce Judith Julian Karen Karl Kate
Keith Kelly Kendra Kenneth Kim Kurt Lance Laura Leah Leo Lois Lorena Louis Lucy Luis Lydia Mabel
Marcus Maria Marilyn Martin Maya Megan Melvin Mia Miguel Miriam Mitchell Molly Nadia Naomi
Nathan Neil Nina Noah Nora Olivia Omar Oscar Pamela Patrick Paul Pearl Peggy Perry Phil Phoebe
Rachel Ralph Ramon Regina Renee Rhonda Rick Rita Robin Rosa Ross Roy Russell Samuel Sandra Sara
Seth Shane Sharon Sheila Simon Sonia Stacy Stan Stella Steve Susan Sylvia Tamara Tara Ted Teresa
Tim Tina Todd Tonya Travis Trisha Troy Valerie Vera Vernon Vicki Victor Vince Violet Wade Wanda
Warren Wendy Wes Yolanda Yvonne Zach Zoe
"""
FIRST = tuple(_FIRST.split())
_LAST = """
Abbott Acosta Adkins Albers Archer Ayala Bachman Baird Barlow Bauer Beckett Bellamy Benning
Birch Blevins Bowers Brandt Bright Brockman Burdick Calloway Cantrell Carver Castell Chavez
Cline Cochran Colby Conway Cordova Crandall Crowley Dalton Dawes Deckard Delgado Dobbs Donnelly
Dorsey Drake Duncan Eads Eberhart Ellison Engel Espinoza Farris Fenton Fielding Fisk Fletcher
Foley Forsyth Fowler Friesen Frost Gaines Garza Gentry Gibbs Goering Granger Griggs Guzman
Hadley Halpern Harmon Hartley Haskell Hatch Hawkins Heller Hendrix Hensley Hodges Holcomb
Hubbard Huerta Ingram Jantzen Jarvis Keller Kemper Kessler Kirby Knapp Koehler Kramer Landry
Larkin Latham Leavitt Lehman Lockhart Loomis Lowry Lujan Mackey Marsh Mathis McBride McCall
Meeks Melton Mercer Meyer Milligan Moody Morrow Mullins Nash Navarro Neville Novak Oakley Odell
Olson Ortega Osborn Paddock Parrish Patel Payne Penner Pickett Pruitt Quigley Ramsey Rankin
Redding Regier Reinhart Rhodes Ritter Roark Rojas Rollins Royce Rucker Sandoval Schafer Schrag
Sellers Shaffer Sherwood Shields Skaggs Snider Solis Stafford Stanton Stauffer Stroud Sutter
Tate Thorpe Tibbets Tipton Tran Tucker Unruh Valdez Vance Vaughn Vogel Wagner Walden Ward Weaver
Weber Wentz Whaley Wiebe Wilkes Winslow Wooten Yoder York Zimmer
"""
LAST = tuple(_LAST.split())
TOWN_STREETS = (
    "Maple St", "Elm St", "Oak St", "Walnut St", "Cedar Ln", "Locust St", "Prairie Ave",
    "Vermont St", "Kentucky St", "Ohio St", "Tennessee St", "Pine Ridge Dr", "Sunset Dr",
    "Meadowlark Ln", "Cottonwood Dr", "Hickory Ct", "Church St", "Depot St", "Mill Rd",
    "Lakeview Dr", "Orchard Ln", "Harvest Ln", "Bluff St", "Fremont Ave", "Lincoln St",
    "Jefferson St", "Madison Ave", "Monroe St", "Park Ave", "College Ave",
)  # fmt: skip
BUSINESS_STREETS = (
    "Main St", "Massachusetts St", "Commercial St", "Industrial Dr", "Market St", "Broadway",
    "Railroad Ave", "Commerce Pkwy", "Gateway Blvd", "Old Highway 40", "Center St",
)  # fmt: skip
FIRM_WORDS = (
    "Copper Kettle", "Blue Heron", "Wheatfield", "Redbud", "Cottonwood", "Meadowlark", "Limestone",
    "Old Mill", "Sunflower", "Tallgrass", "Flint", "Bison", "Wild Plum", "Stone Arch", "Lantern",
    "Corner Post", "Hawthorn", "Silver Maple", "Rail Yard", "Prairie Rose", "Windmill", "Juniper",
    "Red Barn", "Turnpike", "Riverbend", "Hedgerow", "Northwind", "Canyon", "Foothill", "Harvest",
    "Two Rivers", "Sandhill", "Gaslight", "Ironwood", "Fireside", "Clover", "Elkhorn", "Big Sky",
)  # fmt: skip
