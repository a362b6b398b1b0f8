/** What stands beside a step in the document: to look at and to copy, never run from here. */
import type { RunStep } from "../../contract/run.ts";
import { CopyButton } from "../kit/parts.tsx";
import { t } from "../kit/words.ts";

export function Attachments({ attachments }: Pick<RunStep, "attachments">) {
  if (attachments.length === 0) return null;
  return (
    <ul className="attached">
      {attachments.map((each) => (
        <li key={each.range.startOffset}>
          {each.kind === "link" || each.kind === "image" ? (
            <Target text={each.text} target={each.target ?? ""} />
          ) : each.kind === "code" ? (
            <>
              <pre tabIndex={0} aria-label={each.language ?? t("Code")}>
                {each.text}
              </pre>
              {each.transcript ? (
                <span className="t12 qq">
                  {t("Command and output together: copy what you need.")}
                </span>
              ) : (
                <CopyButton text={each.text} what="" />
              )}
            </>
          ) : (
            <p className="serif q">{each.text}</p>
          )}
        </li>
      ))}
    </ul>
  );
}

/** Only addresses of the web are links; a relative one names a file of the document's folder. */
function Target({ text, target }: { text: string; target: string }) {
  if (!/^https?:\/\//.test(target))
    return (
      <span className="t13">
        {text} <span className="mono q">{target}</span>
      </span>
    );
  return (
    <a href={target} target="_blank" rel="noreferrer noopener" className="t13">
      {text === "" ? target : text}
    </a>
  );
}
