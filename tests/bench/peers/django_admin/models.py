"""The portal's tables as `manage.py inspectdb` describes them; Django never makes or changes one."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class Agency(models.Model):
    """An agency."""

    id = models.UUIDField(primary_key=True)
    code = models.TextField(unique=True)
    name = models.TextField()
    sector = models.TextField()
    active = models.BooleanField()

    class Meta:
        managed = False
        db_table = "agency"
        verbose_name_plural = "agencies"

    def __str__(self) -> str:
        return self.name


class User(models.Model):
    """A person who works."""

    id = models.UUIDField(primary_key=True)
    agency = models.ForeignKey(Agency, models.DO_NOTHING)
    name = models.TextField()
    email = models.TextField()
    active = models.BooleanField()

    class Meta:
        managed = False
        db_table = "app_user"

    def __str__(self) -> str:
        return self.name


class Child(models.Model):
    """A child."""

    id = models.UUIDField(primary_key=True)
    reference = models.TextField(unique=True)
    given_name = models.TextField()
    family_name = models.TextField()
    dob = models.DateField(blank=True, null=True)

    class Meta:
        managed = False
        db_table = "child"
        verbose_name_plural = "children"

    def __str__(self) -> str:
        return f"{self.given_name} {self.family_name}"


class Case(models.Model):
    """A case."""

    id = models.UUIDField(primary_key=True)
    reference = models.TextField(unique=True)
    child = models.ForeignKey(Child, models.DO_NOTHING)
    state = models.TextField()
    sensitivity = models.SmallIntegerField()
    sensitivity_reason = models.TextField()
    level = models.TextField(blank=True, null=True)
    level_since = models.DateField(blank=True, null=True)
    types = ArrayField(models.TextField())
    contexts = ArrayField(models.TextField())
    authority = models.TextField(blank=True, null=True)
    district = models.TextField(blank=True, null=True)
    lead_agency = models.ForeignKey(Agency, models.DO_NOTHING)
    lead_professional = models.ForeignKey(
        User, models.DO_NOTHING, blank=True, null=True, related_name="leads"
    )
    reason = models.TextField()
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(User, models.DO_NOTHING, db_column="opened_by", related_name="opened")
    closed_at = models.DateTimeField(blank=True, null=True)
    next_due_at = models.DateTimeField(blank=True, null=True)
    policy_version = models.TextField()
    version = models.IntegerField()

    class Meta:
        managed = False
        db_table = "cre_case"

    def __str__(self) -> str:
        return self.reference
