/** API tokens that act as whoever looks: made here, shown once, revoked at once. */
import { useState } from "react";
import { createOwnToken, listOwnTokens, revokeOwnToken } from "../../contract/session.ts";
import { useRoute, useSend } from "../kit/client.ts";
import { Button, CopyButton, Panel, RefusedLine, Time } from "../kit/parts.tsx";
import { t, tParts } from "../kit/words.ts";

export function OwnTokens({ because }: { because: string | null }) {
  const { data, error } = useRoute(listOwnTokens, { query: { limit: 100 } });
  const [label, setLabel] = useState("");
  const make = useSend(createOwnToken, (queries) => {
    setLabel("");
    void queries.invalidateQueries();
  });
  const revoke = useSend(revokeOwnToken, (queries) => void queries.invalidateQueries());
  const working = data?.items.filter(({ revokedAt }) => revokedAt === null) ?? [];
  const not = because ?? (label.trim() === "" ? t("It has no label yet.") : null);
  return (
    <Panel title={t("API tokens")}>
      {working.map((token) => (
        <div key={token.id} className="session-line">
          <span>
            <b>{token.label}</b>{" "}
            {token.expiresAt === null
              ? tParts("made {made}", { made: <Time iso={token.createdAt} /> })
              : tParts("made {made}, until {until}", {
                  made: <Time iso={token.createdAt} />,
                  until: <Time iso={token.expiresAt} />,
                })}
          </span>
          <Button
            small
            aria-label={t("Revoke {label}", { label: token.label })}
            onClick={() => revoke.mutate({ params: { id: token.id } })}
          >
            {t("Revoke")}
          </Button>
        </div>
      ))}
      <form
        className="settings"
        onSubmit={(event) => {
          event.preventDefault();
          if (not === null && !make.isPending) make.mutate({ body: { label: label.trim() } });
        }}
      >
        <p>{t("A token lets the command line or a script act as you, with your rights.")}</p>
        {make.data === undefined ? null : (
          <p className="note-box row wrap" role="status">
            <span className="mono">{make.data.token}</span>
            <CopyButton text={make.data.token} what={t("token")} />
            <span className="q t13">{t("shown this once")}</span>
          </p>
        )}
        <div className="field">
          <label htmlFor="own-token">{t("What it is for")}</label>
          <input
            id="own-token"
            maxLength={120}
            value={label}
            onChange={(event) => setLabel(event.target.value)}
          />
        </div>
        <RefusedLine error={error ?? make.error ?? revoke.error} />
        <div className="row">
          <Button type="submit" because={not}>
            {t("Make a token")}
          </Button>
        </div>
        {because === null ? null : <p className="hint">{because}</p>}
      </form>
    </Panel>
  );
}
