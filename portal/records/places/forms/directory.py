"""A contact in the directory."""

from collections.abc import Collection

from wtforms.validators import Optional

from portal.policy import Policy
from portal.records.places.forms.keeping import OnceForm
from portal.records.places.policy import DirectoryRules
from portal.records.places.rules import Contact
from portal.vocabulary import Sector
from portal.web.fields import Choice, Email, Hidden, LongText, Phone, Select, Text, required


class ContactForm(OnceForm):
    """Whom to ask, for what, and how."""

    role = Select("What are they asked for?", validators=[required("Choose what they are asked for")])
    district = Select("Which district?", validators=[required("Choose the district")])
    name = Text("Name of the person or team", validators=[required("Write the name of the person or team")])
    job = Text("Job", validators=[Optional()])
    phone = Phone("Work phone", validators=[Optional()])
    email = Email("Work e-mail address", validators=[Optional()])
    hours = Text("When are they there?", hint="Such as Monday to Friday, 9 to 5", validators=[Optional()])
    words = LongText(
        "Anything else that helps", hint="Such as who stands in", rows=2, validators=[Optional()]
    )
    version = Hidden(default="0")

    def offer_places(self, policy: Policy, sector: Sector, districts: Collection[str]) -> None:
        """Set the roles of the sector, and the districts of the agency; all, where it names none."""
        roles = policy.of(DirectoryRules).roles_of(sector)
        self.offer("role", [Choice(one.code, one.label) for one in roles], prompt=True)
        offered = [one for one in policy.areas.districts.offered if not districts or one.code in districts]
        self.offer("district", [Choice(one.code, one.label) for one in offered], prompt=True)

    @property
    def contact(self) -> Contact:
        """What was said. For a form that was found right."""
        return Contact(
            district=self.said("district"),
            role=self.said("role"),
            name=self.said("name"),
            job=self.said("job"),
            phone=self.said("phone"),
            email=self.said("email"),
            hours=self.said("hours"),
            words=self.said("words"),
        )
