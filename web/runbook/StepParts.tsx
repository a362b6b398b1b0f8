/** What a step asks before it is done: its question, its values, its records. */
import { useId, useState } from "react";
import * as contract from "../../contract/run.ts";
import type { RunStep } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { type RunRoute, useRunScope, useRunVerb } from "./useRun.ts";
import { said, t, tParts } from "../kit/words.ts";

/** The question before a step; “no” makes it not applicable. */
export function Guard({ step, closed }: { step: RunStep; closed: string | null }) {
  const { run } = useRunScope();
  const names = useNames();
  const send = useRunVerb(run);
  const { guard } = step;
  if (guard === null) return null;
  const settled = step.state !== "pending" && step.state !== "in progress";
  const answer = (value: "yes" | "no"): void =>
    send.mutate({
      route: contract.answerGuard as unknown as RunRoute,
      body: { step: step.id, answer: value },
    });
  return (
    <div className="guard" role="group" aria-label={guard.question}>
      <span className="t13">
        {guard.question}{" "}
        {guard.answer === null ? null : (
          <>
            <b>{said(guard.answer)}</b>
            <span className="qq">
              {guard.by?.id == null ? "" : `, ${names.person(guard.by.id)}`}
            </span>
          </>
        )}
      </span>
      {settled ? null : (
        <span className="row">
          {(["yes", "no"] as const).map((value) => (
            <Button
              key={value}
              small
              because={closed}
              aria-pressed={guard.answer === value}
              onClick={() => answer(value)}
            >
              {value === "yes" ? t("Yes") : t("No")}
            </Button>
          ))}
        </span>
      )}
      <RefusedLine error={send.error} />
    </div>
  );
}

/** Values that its words ask for, such as `$PARTITIONS`. */
export function Inputs({ step }: { step: RunStep }) {
  const { run } = useRunScope();
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const send = useRunVerb(run);
  const id = useId();
  const given = Object.fromEntries(
    Object.entries(values).filter(([, value]) => value.trim() !== ""),
  );
  const because = Object.keys(given).length === 0 ? t("No value is filled in.") : null;
  return (
    <form
      className="reason"
      onSubmit={(event) => {
        event.preventDefault();
        if (because === null)
          send.mutate({
            route: contract.giveInputs as unknown as RunRoute,
            body: { inputs: given },
          });
      }}
    >
      {step.missingInputs.map((name) => (
        <span className="field" key={name}>
          <label htmlFor={`${id}${name}`} className="mono">
            {name}
          </label>
          <input
            id={`${id}${name}`}
            value={values[name] ?? ""}
            onChange={(event) => setValues({ ...values, [name]: event.target.value })}
          />
          <Hint name={name} />
        </span>
      ))}
      <RefusedLine error={send.error} />
      <span>
        <Button type="submit" small because={because} onClick={() => undefined}>
          {tParts("Give {part}", {
            part: step.missingInputs.length === 1 ? t("the value") : t("the values"),
          })}
        </Button>
      </span>
    </form>
  );
}

function Hint({ name }: { name: string }) {
  const { run } = useRunScope();
  const hint = run.inputs.find((input) => input.name === name)?.description ?? null;
  return hint === null ? null : <span className="hint">{hint}</span>;
}

/** Rows that the step asks for, in the columns that the document names. */
export function Records({ step }: { step: RunStep }) {
  return (
    <>
      {step.records.map(({ table, columns }) => (
        <RecordForm key={table} step={step} table={table} columns={columns} />
      ))}
    </>
  );
}

function RecordForm(props: {
  readonly step: RunStep;
  readonly table: string;
  readonly columns: readonly string[];
}) {
  const { run } = useRunScope();
  const written = run.records.find(({ table }) => table === props.table);
  const columns = props.columns.length > 0 ? props.columns : Object.keys(written?.values ?? {});
  const [values, setValues] = useState<Readonly<Record<string, string>>>({});
  const send = useRunVerb(run);
  const id = useId();
  return (
    <details className="t13">
      <summary>
        {tParts("Record {table}", { table: <span className="mono">{props.table}</span> })}
        {written === undefined ? ` ${t("(not written yet)")}` : ` ${written.id}`}
      </summary>
      <form
        className="reason"
        onSubmit={(event) => {
          event.preventDefault();
          send.mutate({
            route: contract.writeRecord as unknown as RunRoute,
            body: { table: props.table, step: props.step.id, values },
          });
        }}
      >
        {columns.map((column) => (
          <span className="field" key={column}>
            <label htmlFor={`${id}${column}`} className="mono">
              {column}
            </label>
            <input
              id={`${id}${column}`}
              value={values[column] ?? String(written?.values[column] ?? "")}
              onChange={(event) => setValues({ ...values, [column]: event.target.value })}
            />
          </span>
        ))}
        <RefusedLine error={send.error} />
        <span>
          <Button type="submit" small onClick={() => undefined}>
            {written === undefined ? t("Write the record") : t("Complete the record")}
          </Button>
        </span>
      </form>
    </details>
  );
}
