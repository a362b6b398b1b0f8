/** One's own shifts in any calendar program, under a secret address; a new one ends the old one at once. */
import { giveFeed, renewFeed } from "../../contract/feed.ts";
import { may, useMe } from "../app/me.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, CopyButton, RefusedLine } from "../kit/parts.tsx";
import { t } from "../kit/words.ts";

type Subject = { readonly of: "person" | "schedule"; readonly id: string };

export function FeedLink({ subject, what }: { subject: Subject; what: string }) {
  const me = useMe();
  const { data, error } = useRoute(giveFeed, { params: subject });
  const renew = useSend(renewFeed, (queries, reply) =>
    queries.setQueryData([giveFeed.path, subject, {}], reply),
  );
  const because = may(me, "oncall.override", "any")
    ? null
    : t("This needs the right “oncall.override”.");
  return (
    <div className="feed-link">
      <p className="t13 q">
        {t("{what} for a calendar program. Whoever has the address can read it.", { what })}
      </p>
      {data === undefined ? (
        <RefusedLine error={error} />
      ) : (
        <p className="row wrap">
          <span className="mono cut">{data.url}</span>
          <CopyButton text={data.url} what={t("address")} />
          <Button small because={because} onClick={() => renew.mutate({ params: subject })}>
            {renew.isSuccess ? t("Renewed: the old one has ended") : t("Renew it")}
          </Button>
        </p>
      )}
      <RefusedLine error={renew.error} />
    </div>
  );
}
