/** Forms of the document, filled in while it runs; what the incident says already stands in them. */
import { useId, useState } from "react";
import { fillForm, type RunDetail } from "../../contract/run.ts";
import { useNames } from "../app/me.ts";
import { Button, RefusedLine } from "../kit/parts.tsx";
import { type RunRoute, useRunScope, useRunVerb } from "./useRun.ts";
import { t } from "../kit/words.ts";

type Form = RunDetail["forms"][number];
type Field = Form["sections"][number]["fields"][number];
type Value = string | boolean | number;

export function RunForms() {
  const { run } = useRunScope();
  if (run.forms.length === 0) return null;
  return (
    <section className="phase" aria-label={t("Forms")}>
      <header>
        <h3>{t("Forms")}</h3>
      </header>
      {run.forms.map((form) => (
        <FormPart key={form.id} form={form} />
      ))}
    </section>
  );
}

function FormPart({ form }: { form: Form }) {
  const { run, mayRun } = useRunScope();
  const [changed, setChanged] = useState<Readonly<Record<string, Value>>>({});
  const send = useRunVerb(run);
  const fields = form.sections.flatMap((section) => section.fields);
  const filled = fields.filter(({ value }) => value !== null && value !== "").length;
  const because = !mayRun
    ? t("This needs the right “runbooks.run”.")
    : Object.keys(changed).length === 0
      ? t("Nothing was changed.")
      : null;
  return (
    <details className="t13">
      <summary>
        {form.title}{" "}
        <span className="qq">
          {t("{filled} of {count} filled in", { filled, count: fields.length })}
        </span>
      </summary>
      <form
        className="reason"
        onSubmit={(event) => {
          event.preventDefault();
          if (because !== null) return;
          send.mutate(
            { route: fillForm as unknown as RunRoute, body: { form: form.id, values: changed } },
            { onSuccess: () => setChanged({}) },
          );
        }}
      >
        {form.sections.map((section) => (
          <fieldset key={section.title} className="form-section">
            <legend>{section.title}</legend>
            {section.fields.map((field) => (
              <FieldPart
                key={field.label}
                field={field}
                value={changed[field.label] ?? (field.value as Value | null) ?? ""}
                set={(value) => setChanged({ ...changed, [field.label]: value })}
              />
            ))}
          </fieldset>
        ))}
        <RefusedLine error={send.error} />
        <span>
          <Button type="submit" small because={because} onClick={() => undefined}>
            {t("Keep “{title}”", { title: form.title })}
          </Button>
        </span>
      </form>
    </details>
  );
}

function FieldPart(props: {
  readonly field: Field;
  readonly value: Value;
  readonly set: (value: Value) => void;
}) {
  const { field, value, set } = props;
  const names = useNames();
  const id = useId();
  const control = (): React.ReactNode => {
    switch (field.type) {
      case "select":
        return (
          <select id={id} value={String(value)} onChange={(event) => set(event.target.value)}>
            <option value="">{t("Not chosen")}</option>
            {field.options.map((option) => (
              <option key={option}>{option}</option>
            ))}
          </select>
        );
      case "person":
        return (
          <select id={id} value={String(value)} onChange={(event) => set(event.target.value)}>
            <option value="">{t("Nobody yet")}</option>
            {names.directory?.people.map((person) => (
              <option key={person.id} value={person.id}>
                {person.name}
              </option>
            ))}
          </select>
        );
      case "boolean":
        return (
          <select id={id} value={String(value)} onChange={(event) => set(event.target.value)}>
            <option value="">{t("Not said")}</option>
            <option value="true">{t("Yes")}</option>
            <option value="false">{t("No")}</option>
          </select>
        );
      case "list":
      case "grid":
        return (
          <textarea
            id={id}
            value={String(value)}
            placeholder={field.options.join(" | ")}
            onChange={(event) => set(event.target.value)}
          />
        );
      default:
        return (
          <input id={id} value={String(value)} onChange={(event) => set(event.target.value)} />
        );
    }
  };
  return (
    <span className="field">
      <label htmlFor={id}>{field.label}</label>
      {control()}
    </span>
  );
}
