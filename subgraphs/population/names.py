"""Common forenames and surnames of West Yorkshire's communities, and the ways in which clerks spell them.

Names are put together by chance; none is of a real person.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Community:
    """Names that go together. `ethnicity` is the code of the census; `share` of the households."""

    ethnicity: str
    share: float
    girls: tuple[str, ...]
    boys: tuple[str, ...]
    surnames: tuple[str, ...]


def words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMMUNITIES = (
    Community(
        "WBRI",
        0.59,
        words(
            "Amelia Ava Bethany Charlotte Chloe Daisy Ellie Emily Emma Erin Evie Florence Freya Grace Hannah "
            "Holly Imogen Isabella Isla Jessica Katie Kayleigh Lacey Leah Lily Lola Lucy Maisie Megan Mia Millie "
            "Molly Niamh Olivia Phoebe Poppy Rebecca Rosie Ruby Sarah Scarlett Sienna Sophie Summer Willow"
        ),
        words(
            "Adam Aidan Alfie Archie Arthur Bailey Ben Callum Charlie Connor Daniel Dylan Edward Ethan Finley "
            "Freddie George Harrison Harry Harvey Isaac Jack Jacob Jake James Jayden Joseph Joshua Kai Kieran Leo "
            "Lewis Liam Logan Lucas Luke Mason Matthew Max Nathan Noah Oliver Oscar Owen Reece Ryan Samuel "
            "Stephen Theo Thomas Tyler"
        ),
        words(
            "Ackroyd Armitage Barraclough Bates Beaumont Booth Bradley Brook Clarke Clegg Cooper Crowther Dyson "
            "Farrar Firth Gaunt Greenwood Haigh Hardcastle Hargreaves Hartley Hirst Holdsworth Holroyd Horsfall "
            "Illingworth Ingham Jagger Jowett Kaye Lockwood Lumb Metcalfe Mitchell Murgatroyd Naylor Oldroyd "
            "Pickles Priestley Ramsden Rawnsley Robertshaw Sellers Shackleton Smith Stead Sugden Sutcliffe Sykes "
            "Taylor Thewlis Tordoff Wadsworth Walker Whiteley Wilkinson Womersley Wood Wright"
        ),
    ),
    Community(
        "APKN",
        0.23,
        words(
            "Aaliyah Aisha Aleena Amina Anam Areeba Asma Fatima Hafsa Hajra Halima Hira Iqra Khadija Laiba "
            "Mahnoor Maryam Nadia Noor Rabia Ruqayyah Saima Sana Sumayyah Zahra Zainab Zara"
        ),
        words(
            "Abdullah Adeel Ali Amir Bilal Danyal Faisal Hamza Haroon Hassan Ibrahim Imran Ismail Junaid Kamran "
            "Mohammed Musa Omar Rayyan Rehan Saad Shoaib Sulaiman Umar Usman Yahya Yusuf Zain"
        ),
        words(
            "Ahmed Akhtar Akram Ali Anwar Arshad Ashraf Aslam Bashir Begum Bi Butt Chaudhry Farooq Ghafoor "
            "Hussain Iqbal Javed Kauser Khan Mahmood Malik Mehmood Mirza Nawaz Parveen Qureshi Rafiq Rashid Razaq "
            "Rehman Saleem Shah Sharif Siddique Tariq Yaqoob Younis Zaman"
        ),
    ),
    Community(
        "WOTH",
        0.08,
        words(
            "Aleksandra Alicja Andreea Anna Bianca Daria Elena Gabriela Hanna Ioana Julia Karolina Katarina "
            "Kristina Lena Maja Maria Natalia Oliwia Petra Simona Veronika Wiktoria Zofia Zuzana"
        ),
        words(
            "Adrian Alexandru Andrei Antoni Bartosz Cristian David Dominik Filip Igor Ivan Jakub Jan Kacper "
            "Krystian Lukas Marek Marius Mateusz Matei Mihai Milan Oskar Patrik Pavel Stanislav Szymon Tomas "
            "Wojciech"
        ),
        words(
            "Balaz Bilski Ciobanu Constantin Dabrowski Danko Dumitru Gabor Horvath Kaminski Kowalczyk Kowalski "
            "Kroll Lakatos Lewandowski Marin Mazur Moldovan Nowak Pavlik Popescu Radu Rusu Sivak Stan Szabo Wilk "
            "Wisniewski Zielinski"
        ),
    ),
    Community(
        "AIND",
        0.04,
        words("Aanya Anika Asha Diya Gurpreet Harleen Isha Jasmin Kavya Meera Nisha Pooja Priya Riya Simran Tara"),
        words(
            "Aarav Amar Arjun Arun Dev Gurdeep Harjit Jaspreet Karan Kiran Manraj Neel Rajan Rohan Sachin Veer Vivek"
        ),
        words("Bains Bhatt Chahal Desai Dhillon Gill Johal Kaur Lad Mistry Modi Panesar Patel Rai Sahota Sandhu Singh"),
    ),
    Community(
        "ABAN",
        0.025,
        words("Afsana Anika Farhana Fahmida Jannat Mahia Nafisa Nusrat Sabiha Sadia Samia Shabnam Tahmina Tasnim"),
        words("Abdur Fahim Habib Jubayer Kamal Mahdi Nazmul Rafi Rahim Sabbir Shafi Tahmid Tanvir Zakir"),
        words("Ahmed Alam Ali Begum Chowdhury Haque Hoque Islam Khatun Miah Rahman Sarkar Uddin Ullah"),
    ),
    Community(
        "BAFR",
        0.035,
        words("Abena Amara Blessing Chidinma Esther Faith Feven Grace Hodan Mariama Mercy Naomi Patience Ruth Selam"),
        words("Abel Chidi Daniel Emmanuel Ephrem Isaac Joshua Kofi Kwame Liban Moses Nathan Samuel Tendai Yonas"),
        words("Abebe Adeyemi Asante Banda Boateng Dube Eze Haile Kamara Mensah Moyo Mwangi Ndlovu Okafor Osei Tesfaye"),
    ),
)

# How the same name reaches another agency's clerk.
SPELLINGS = {
    "Aaliyah": "Aliyah",
    "Abdullah": "Abdallah",
    "Aidan": "Aiden",
    "Aisha": "Ayesha",
    "Ahmed": "Ahmad",
    "Aleksandra": "Alexandra",
    "Alicja": "Alicia",
    "Amina": "Aminah",
    "Anna": "Ana",
    "Barraclough": "Barrowclough",
    "Ben": "Benjamin",
    "Callum": "Calum",
    "Charlie": "Charles",
    "Chaudhry": "Choudhary",
    "Clarke": "Clark",
    "Chowdhury": "Choudhury",
    "Daniel": "Danny",
    "Ellie": "Eleanor",
    "Fatima": "Fatimah",
    "Freddie": "Frederick",
    "Hassan": "Hasan",
    "Hussain": "Hussein",
    "Ibrahim": "Ebrahim",
    "Isaac": "Issac",
    "Jack": "John",
    "Jakub": "Jacob",
    "Karolina": "Carolina",
    "Katie": "Katherine",
    "Kayleigh": "Kayley",
    "Khadija": "Khadijah",
    "Kowalski": "Kowalska",
    "Liam": "William",
    "Lucas": "Lukas",
    "Lukas": "Lucas",
    "Mahmood": "Mehmood",
    "Maisie": "Maisy",
    "Maryam": "Mariam",
    "Matthew": "Mathew",
    "Metcalfe": "Metcalf",
    "Miah": "Mia",
    "Millie": "Milly",
    "Mohammed": "Muhammad",
    "Niamh": "Neve",
    "Nowak": "Novak",
    "Okafor": "Okafur",
    "Oliwia": "Olivia",
    "Omar": "Umar",
    "Phoebe": "Phebe",
    "Rahman": "Rehman",
    "Rehman": "Rahman",
    "Reece": "Rhys",
    "Samuel": "Sam",
    "Sarah": "Sara",
    "Shackleton": "Shakleton",
    "Siddique": "Siddiqui",
    "Smith": "Smyth",
    "Sophie": "Sofie",
    "Stephen": "Steven",
    "Sulaiman": "Suleman",
    "Thomas": "Tom",
    "Umar": "Omar",
    "Usman": "Uthman",
    "Veronika": "Veronica",
    "Whiteley": "Whitley",
    "Wiktoria": "Victoria",
    "Wisniewski": "Wisniewska",
    "Wright": "Right",
    "Yusuf": "Yousaf",
    "Zahra": "Zara",
    "Zielinski": "Zielinska",
}
