"""The command line: ``ill-broker``; each command is imported when it is called."""

import click

from ill_broker.command_group import CommandGroup, Place

PLACES = {
    "catalogue": Place(
        "ill_broker.admin_cli:catalogue_group",
        "See to the union catalogue: what the libraries have told of all they have.",
    ),
    "check": Place(
        "ill_broker.database_cli:check_data",
        "Tell, as JSON lines, what is wrong in the database; 1 if anything is.",
    ),
    "demo": Place(
        "ill_broker.demo_cli:demo", "Show a book's journey through a consortium of sandbox libraries."
    ),
    "inbox": Place("ill_broker.admin_cli:inbox_group", "See to what partners said and could not be applied."),
    "keys": Place("ill_broker.access_cli:keys", "See to the keys of systems; `members key` issues one."),
    "members": Place("ill_broker.admin_cli:members", "Member libraries, their staff and their systems."),
    "migrate": Place("ill_broker.database_cli:migrate", "Bring the database to the schema of this release."),
    "openapi": Place("ill_broker.contract_cli:openapi", "Write the contract, openapi.yaml."),
    "outbox": Place("ill_broker.admin_cli:outbox_group", "See to what could not be delivered."),
    "partners": Place("ill_broker.partners_cli:partners", "Certify partners' systems."),
    "policies": Place(
        "ill_broker.policies_cli:policies", "Check, ask, explain and compare the libraries' policies."
    ),
    "serve": Place("ill_broker.serve_cli:serve", "Serve the API and the pages."),
    "staff": Place("ill_broker.access_cli:staff", "See to those who work at desks and in the office."),
    "worker": Place(
        "ill_broker.worker_cli:worker", "Deliver, apply and watch; any number of workers share the work."
    ),
}


class _Commands(CommandGroup):
    """Commands that say in one line what cannot be started because of how it is set."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ValueError as error:
            # what reads the settings, and its error, is imported by the commands that have any
            told = getattr(error, "error_messages", None)
            if told is None:
                raise
            named = () if isinstance(told, list) else told.items()
            faults = "; ".join(f"{name}: {' '.join(why)}" for name, why in named)
            raise click.ClickException(faults or str(error)) from error


@click.group(cls=_Commands, places=PLACES, context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Lend between libraries: one request, many libraries, the owner's rules."""
