/** What a silence would mean now, before anybody makes it. */
import { useQuery } from "@tanstack/react-query";
import { previewSilence, type SilenceWarning } from "../../contract/silence.ts";
import { call } from "../kit/call.ts";
import { t } from "../kit/words.ts";

const SHOWN = 5;

export function SilencePreview({ matchers }: { matchers: readonly string[] }) {
  const { data } = useQuery({
    queryKey: [previewSilence.path, matchers],
    queryFn: () => call(previewSilence, { body: { matchers: [...matchers] } }),
  });
  if (data === undefined) return null;
  const { items, more, warnings } = data;
  return (
    <div className="t13" role="status">
      <p>
        {more
          ? t("Open alerts that it means: {count}, and perhaps more.", { count: items.length })
          : t("Open alerts that it means: {count}.", { count: items.length })}
      </p>
      {items.length < 2 ? null : (
        <ul>
          {items.slice(0, SHOWN).map(({ id, title }) => (
            <li key={id} className="cut">
              {title}
            </li>
          ))}
        </ul>
      )}
      {warnings.map((warning) => (
        <p key={warning.code} className="refused">
          {warningText(warning)}
        </p>
      ))}
    </div>
  );
}

function warningText({ code, params }: SilenceWarning): string {
  switch (code) {
    case "means nothing":
      return t("It means none of the newest {among} alerts: is a word mistyped?", params);
    case "unknown name":
      return t("There is no {name} “{value}”.", params);
    case "means all":
      return t("It means every one of the {count} open alerts.", params);
    case "goes on":
      return t(
        "{count} of them are in an incident already, which goes on: a silence mutes what is new.",
        params,
      );
  }
}
