"""Every create, save and delete of a model that matters, by Django's signals."""

from collections.abc import Container
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models.signals import post_save, pre_delete, pre_save

from audit.services import audited_values, record

# Where an instance keeps what its row was before the save under way. It is the instance's own:
# two threads may save the same row.
_BEFORE = "_values_before_save"


def connect() -> None:
    """Listen to the models named in AUDITED_MODELS (label → columns left out)."""
    for label in settings.AUDITED_MODELS:
        pre_save.connect(_remember, sender=label, dispatch_uid=f"audit.before.{label}")
        post_save.connect(_record_save, sender=label, dispatch_uid=f"audit.save.{label}")
        # Before it goes: the entry may refer to the very person who is deleted.
        pre_delete.connect(_record_delete, sender=label, dispatch_uid=f"audit.delete.{label}")


def _remember(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    if instance._state.adding:
        return
    stored = sender._default_manager.filter(pk=instance.pk).first()
    if stored is not None:
        instance.__dict__[_BEFORE] = audited_values(stored)


def _record_save(
    sender: type[models.Model],
    instance: models.Model,
    created: bool,
    update_fields: Container[str] | None = None,
    **_: Any,
) -> None:
    new = audited_values(instance)
    old = instance.__dict__.pop(_BEFORE, None)
    if old is not None:
        changed = {
            name
            for name, value in new.items()
            if value != old.get(name) and (update_fields is None or name in update_fields)
        }
        if not changed:
            return
        old = {name: old[name] for name in changed}
        new = {name: new[name] for name in changed}
    record(
        action=f"{sender._meta.model_name}.{'created' if created else 'changed'}",
        resource=instance,
        old=old,
        new=new,
        user_id=_owner(instance),
    )


def _record_delete(sender: type[models.Model], instance: models.Model, **_: Any) -> None:
    record(
        action=f"{sender._meta.model_name}.deleted",
        resource=instance,
        old=audited_values(instance),
        user_id=_owner(instance),
    )


def _owner(instance: models.Model) -> Any:
    """Whose row it is; of a person's own row nobody, once it is deleted."""
    return getattr(instance, "user_id", None)
