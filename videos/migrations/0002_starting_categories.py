"""A fresh site has shelves; an operator who emptied them is not overruled, because this runs once."""

from django.db import migrations

STARTING_CATEGORIES = (
    ("film", "Film"),
    ("documentary", "Documentary"),
    ("animation", "Animation"),
    ("music", "Music"),
    ("lectures", "Lectures"),
    ("games", "Games"),
    ("travel", "Travel"),
    ("everyday", "Everyday"),
)


def add(apps, schema_editor):
    category = apps.get_model("videos", "Category")
    for position, (slug, name) in enumerate(STARTING_CATEGORIES):
        category.objects.get_or_create(slug=slug, defaults={"name": name, "position": position})


def keep(apps, schema_editor):
    """Going back leaves the shelves: videos stand on them."""


class Migration(migrations.Migration):
    dependencies = [("videos", "0001_initial")]
    operations = [migrations.RunPython(add, keep)]
