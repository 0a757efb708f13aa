from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("videos", "0007_stages_of_old_steps"),
    ]

    operations = [
        migrations.AddField(
            model_name="job",
            name="standing",
            field=models.PositiveSmallIntegerField(
                choices=[(0, "First"), (1, "Growing"), (2, "Usual")], default=0, editable=False
            ),
        ),
    ]
