"""A pack's place among those that came from its source before: judged, and then remembered."""

from datetime import UTC, datetime

from synth import audit, console, db, server, targets
from synth.audit import log
from synth.errors import DatabaseError
from synth.extract import ledger, overlap, preflight
from synth.pack import manifest, tokens


class Release:
    """The pack's place among those that came from its source before."""

    def __init__(
        self,
        target: targets.Target,
        guard: overlap.Guard,
        source: overlap.Source,
        window: tuple[datetime, datetime],
        tokenizer: tokens.Tokenizer,
        rule: dict,
    ) -> None:
        self._target, self._guard, self._source = target, guard, source
        self._window, self._tokenizer, self.rule = window, tokenizer, rule

    def judge(self, content_sha256: str) -> bool:
        """Refuse what an earlier pack stands against; True where it was let pass."""
        self._guard.check(self._window, content_sha256)
        return self._guard.is_overlapping

    def remember(self, pack_sha256: str, content_sha256: str) -> None:
        """Add the row, once the ledger as it is now was asked again."""
        was_overlapping = self._guard.is_overlapping
        head = log.head()
        limits = preflight.session_settings()
        with (
            server.ensure(self._target),
            db.connect(self._target, application_name="synth extract", **limits) as connection,
            connection.transaction(),
        ):
            past = ledger.take(connection)
            self._guard.see(past)
            if self.judge(content_sha256) != was_overlapping:
                raise DatabaseError(
                    "another extraction of this source ended meanwhile, and the two overlap",
                    hint="nothing was exported; start again",
                )
            missed = overlap.missed_anchor(past)
            parameters = {name: value for name, value in self.rule.items() if name != "rule"}
            cut = self._guard.cut()
            entry = ledger.Entry(
                at=datetime.now(UTC),
                who=self._tokenizer.token("person", manifest.who()),
                source=self._source.schema,
                reads=self._source.reads,
                window_start=self._window[0],
                window_end=self._window[1],
                cut=cut,
                mechanism=self.rule["rule"],
                pack_sha256=pack_sha256,
                content_sha256=content_sha256,
                is_overlapping=was_overlapping,
                log_first=log.first(),
                log_head=str(head) if head.n_lines else None,
                parameters=parameters,
            )
            row = ledger.add(connection, entry, past)
        if missed:
            console.note(
                "synth: the audit log lacks a line that the ledger of this database knows: an old "
                "copy was put back, or its end was cut off; this stays in its next line"
            )
            audit.note(**{log.MISSED: missed})
        audit.note(source=self._source.where, cut=cut, ledger=row)
        audit.note(is_overlapping=was_overlapping, release=self.rule)
