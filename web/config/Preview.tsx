/** What a change of configuration would do, before it is kept: the fields, and who would be on call. */
import type { ApplyReport } from "../../contract/configuration.ts";
import { useNames } from "../app/me.ts";
import { Time } from "../kit/parts.tsx";
import { later, said, t, tParts } from "../kit/words.ts";
import "./preview.css";
import { kindName } from "./kindName.ts";

/** “Update” alone is a status update in other languages. */
export const VERBS = {
  create: later("added"),
  update: later("changed"),
  remove: later("removed"),
} as const;

const text = (value: unknown): string => (value === null ? "absent" : JSON.stringify(value));

export function Preview({ report }: { report: ApplyReport }) {
  const names = useNames();
  const who = (person: string | null): string =>
    person === null ? t("nobody") : person.split(" + ").map(names.person).join(" + ");
  return (
    <div className="preview-change" role="status">
      <h3>{t("What changes")}</h3>
      {report.changes.length === 0 ? <p>{t("Nothing: it says this already.")}</p> : null}
      {report.changes.map(({ verb, kind, id, fields }) => (
        <div key={`${kind} ${id}`}>
          <p>
            {said(VERBS[verb])} {kindName(kind)} {id}
          </p>
          <ul className="mono">
            {fields.map(({ path, before, after }) => (
              <li key={path}>
                {path}: <del>{text(before)}</del> → <ins>{text(after)}</ins>
              </li>
            ))}
          </ul>
        </div>
      ))}
      {report.warnings.map(({ message, path }) => (
        <p key={path + message} className="amberink">
          {path}: {message}
        </p>
      ))}
      <h3>{t("Who is on call, before and after")}</h3>
      {report.onCall.length === 0 ? (
        <p>{t("Nobody’s shifts change in the next four weeks.")}</p>
      ) : (
        <table className="stacked">
          <thead>
            <tr>
              <th scope="col">{t("Schedule")}</th>
              <th scope="col">{t("From")}</th>
              <th scope="col">{t("Before")}</th>
              <th scope="col">{t("After")}</th>
            </tr>
          </thead>
          <tbody>
            {report.onCall.flatMap(({ schedule, moments }) =>
              moments.map(({ at, before, after }) => (
                <tr key={schedule + at}>
                  <td className="line b">{schedule}</td>
                  <td>
                    <Time iso={at} />
                  </td>
                  <td data-what={t("Before")}>{who(before)}</td>
                  <td
                    data-what={t("After")}
                    className={before === after ? "" : after === null ? "redink b" : "b"}
                  >
                    {who(after)}
                  </td>
                </tr>
              )),
            )}
          </tbody>
        </table>
      )}
      {report.onCall.map(({ schedule, countsFrom, hours }) => (
        <div key={schedule}>
          {countsFrom === null ? null : (
            <p>
              {tParts("{schedule} counts from {moment}: nobody is moved before.", {
                schedule,
                moment: <Time iso={countsFrom} />,
              })}
            </p>
          )}
          <ul>
            {hours.map(({ person, before, after }) => (
              <li key={person}>
                {t("{person}: {before} h before, {after} h after, within four weeks", {
                  person: names.person(person),
                  before,
                  after,
                })}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  );
}
