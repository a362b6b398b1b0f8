/** One of several words; a filter that stands in the address. */
import { said, t } from "./words.ts";
export function Choice(props: {
  readonly label: string;
  readonly options: readonly string[];
  readonly value: string | undefined;
  readonly set: (value: string | undefined) => void;
  /** The word for no choice; null when one is always chosen. */
  readonly all?: string | null;
}) {
  const all = props.all === undefined ? t("all") : props.all;
  return (
    <span className="tabs" role="group" aria-label={props.label}>
      {all === null ? null : (
        <button
          type="button"
          className="flt"
          aria-pressed={props.value === undefined}
          onClick={() => props.set(undefined)}
        >
          {all}
        </button>
      )}
      {props.options.map((option) => (
        <button
          key={option}
          type="button"
          className="flt"
          aria-pressed={props.value === option}
          onClick={() => props.set(option)}
        >
          {said(option)}
        </button>
      ))}
    </span>
  );
}
