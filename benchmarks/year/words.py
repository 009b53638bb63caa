"""Parts of invented names: people, families, places, trades and the legal forms of several countries."""

from __future__ import annotations


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split())


FIRST_NAMES = _parts(
    "Petra Konrad Greta Emil Ada Noor Pilar Tomas Ingrid Maren Olga Ruben Sanna Theo Ulla Viktor Wanda Yara"
    " Bram Celia Dario Edda Fiona Gustav Hanne Ivo Jonas Katja Lionel Mina Nils Orla Pavel Rosa Silke Tiago"
    " Ursula Vera Wim Zofia Amir Bela Clara Dmitri Elif Farah Gareth Hiro Isla Jamal"
)

FAMILY_HEADS = _parts(
    "Aller Birk Brenn Castel Dorn Eller Falk Grim Halm Iver Jarl Kest Lark Mose Nord Orrin Penn Quill"
    " Rund Sten Tarro Ulm Vale Wend Yarrow Zell Ash Brack Corm Drey Elm Fenn Goss Hazel Ilm Kerr Lund Marl"
    " Nessel Oster Pryor Rook Saxe Thorn Vander Weir"
)

FAMILY_TAILS = _parts(
    "ing er mann quist son berg holt ström wick low hart ley sen dahl ner feld by ett müller ridge cott"
    " stad"
)

PLACE_TAILS = _parts(
    "wick dale holt moyne hausen feld ville borg stedt ham mouth brück ton bach sund mere gate fors"
)

TRADES = {
    "DE": _parts(
        "Logistik Bäckereien Klinikgruppe Maschinenbau Pflegedienste Sicherheit Gebäudereinigung Verkehr"
        " Lebensmittel Druckerei"
    ),
    "GB": _parts("Bakeries Care Hotels Logistics Security Cinemas Retail Clinics Rail Foods Facilities"),
    "US": _parts("Foods Logistics Healthcare Manufacturing Restaurants Services Freight Hospitality"),
    "FR": _parts("Transports Hôtellerie Santé Distribution Sécurité Boulangeries Services"),
    "NL": _parts("Zorg Logistiek Horeca Bakkerijen Beveiliging Schoonmaak"),
    "IT": _parts("Ristorazione Logistica Sanità Vigilanza Alimentari"),
    "SE": _parts("Vård Bageri Transport Bemanning Livsmedel"),
    "DK": _parts("Pleje Bagerier Hoteller Fragt"),
    "ES": _parts("Hoteles Logística Alimentación Limpiezas"),
    "PL": _parts("Logistyka Piekarnie Ochrona Hotele"),
}
"""What a company does, in its country's words."""

LEGAL_FORMS = {
    "DE": ("GmbH", "AG", "GmbH & Co. KG", "SE", "KGaA", "e.K."),
    "GB": ("Ltd", "Limited", "plc", "LLP", "Ltd."),
    "US": ("Inc.", "LLC", "Corp.", "Corporation", "Co.", "Inc"),
    "FR": ("SA", "SAS", "SARL"),
    "NL": ("B.V.", "N.V.", "BV"),
    "IT": ("S.p.A.", "S.r.l.", "SpA"),
    "SE": ("AB",),
    "DK": ("A/S", "ApS"),
    "ES": ("S.L.", "S.A."),
    "PL": ("Sp. z o.o.", "S.A."),
}

COUNTRIES = tuple(LEGAL_FORMS)
COUNTRY_WEIGHTS = (0.24, 0.22, 0.22, 0.08, 0.07, 0.05, 0.05, 0.03, 0.02, 0.02)
CURRENCIES = {"GB": "GBP", "US": "USD", "SE": "SEK", "DK": "DKK", "PL": "PLN"}
"""Of countries that do not pay in euros."""

COINED_HEADS = _parts("Velo Nor Aqui Tresi Medi Kali Syn Axi Terra Luma Opti Vari Cura Fero Novi Sola Prax")
COINED_TAILS = _parts("trix dalis vance lytics mera sana porta gena corda via nova plexa tera mond")

ABBREVIATED = {
    "Logistics": "Log.",
    "Logistik": "Log.",
    "Services": "Svcs",
    "Manufacturing": "Mfg",
    "Healthcare": "HC",
    "Maschinenbau": "MB",
    "International": "Intl",
    "Group": "Grp",
    "Holdings": "Hldgs",
    "Hospitality": "Hosp.",
    "Facilities": "FM",
    "Security": "Sec.",
}
"""How people in a hurry shorten a trade."""

FREE_MAIL = ("gmail.com", "outlook.com", "gmx.de", "web.de", "yahoo.com", "hotmail.com", "icloud.com")
"""Where anybody has an address. The names before the @ are made so that they are nobody's."""

JOBS = (
    "Head of Operations",
    "COO",
    "CFO",
    "HR Director",
    "IT Manager",
    "Shift Planner",
    "Works Council",
    "Procurement",
    "Site Manager",
)

TEAMS = ("North", "South", "West", "Enterprise", "Commercial")
LEAD_SOURCES = ("Web form", "Outbound", "Referral", "Event", "Partner")
LEAD_WEIGHTS = (0.35, 0.30, 0.15, 0.12, 0.08)
