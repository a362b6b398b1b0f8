/** The calendar that your leave is read from: said once, never shown again. */
import { useState } from "react";
import { putLeaveFeed, readLeaveFeed, removeLeaveFeed } from "../../contract/leaveFeed.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { useNow } from "../kit/now.ts";
import { Button, Panel, RefusedLine, Time } from "../kit/parts.tsx";
import { at, timeText } from "../kit/time.ts";
import { t, tParts } from "../kit/words.ts";

export function LeaveFeed({ person }: { person: string }) {
  const params = { id: person };
  const now = useNow();
  const { data, error } = useRoute(readLeaveFeed, { params });
  const [url, setUrl] = useState("");
  const [only, setOnly] = useState("");
  const again = (queries: { invalidateQueries: () => Promise<void> }): void => {
    setUrl("");
    void queries.invalidateQueries();
  };
  const put = useSend(putLeaveFeed, again);
  const remove = useSend(removeLeaveFeed, again);
  const feed = data?.feed ?? null;
  const because = url.trim() === "" ? t("It has no address yet.") : null;
  return (
    <Panel title={t("Your leave, from a calendar")}>
      <div className="settings">
        <RefusedLine error={error ?? put.error ?? remove.error} />
        <p className="t13 q">
          {t(
            "Only when you are away is kept, never why. No shift moves by it: who could take yours is shown on the page “On call”.",
          )}
        </p>
        {feed === null ? null : (
          <>
            <p>
              {feed.readAt === null
                ? t("From {host}: it is read in a moment.", { host: feed.host })
                : tParts("From {host}, read as a whole {time}.", {
                    host: feed.host,
                    time: <Time iso={feed.readAt} />,
                  })}
            </p>
            {feed.failure === null ? null : (
              <p className="redink">{t("It cannot be read: {why}", { why: feed.failure })}</p>
            )}
            {feed.leave.slice(0, 8).map(({ startsAt, endsAt }) => (
              <p key={startsAt + endsAt} className="t13">
                {t("Away {start} to {end}", {
                  start: timeText(at(startsAt), { now }),
                  end: timeText(at(endsAt), { now }),
                })}
              </p>
            ))}
            <div className="row">
              <Button onClick={() => remove.mutate({ params })}>{t("Read it no more")}</Button>
            </div>
          </>
        )}
        <form
          className="leave-form"
          onSubmit={(event) => {
            event.preventDefault();
            if (because !== null || put.isPending) return;
            const word = only.trim();
            put.mutate({
              params,
              body: { url: url.trim(), ...(word !== "" && { only: word }) },
            });
          }}
        >
          <div className="field">
            <label htmlFor="leave-url">
              {feed === null ? t("Its secret address (iCal)") : t("Another secret address (iCal)")}
            </label>
            <input
              id="leave-url"
              type="text"
              inputMode="url"
              autoComplete="off"
              value={url}
              onChange={(event) => setUrl(event.target.value)}
            />
          </div>
          <div className="field">
            <label htmlFor="leave-only">
              {tParts("Only events with this word {part}", {
                part: <span className="qq t12">{t("(may be empty)")}</span>,
              })}
            </label>
            <input id="leave-only" value={only} onChange={(event) => setOnly(event.target.value)} />
          </div>
          <div className="row">
            <Button type="submit" because={because}>
              {put.isPending ? t("Sending") : t("Read my leave from it")}
            </Button>
          </div>
        </form>
      </div>
    </Panel>
  );
}
