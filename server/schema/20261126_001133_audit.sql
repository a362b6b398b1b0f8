-- What the audit trail reads, newest first, without the signals that most of the ledger is.
create index ledger_pending_audit on ledger_pending (id)
  where split_part(stream, ':', 1) in ('access', 'config', 'oncall', 'silences', 'runbook');
