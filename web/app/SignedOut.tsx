/** For whoever is not signed in: the ways in. */
import { Mark } from "../kit/icons.tsx";
import { useTitle } from "./tabTitle.ts";

export function SignedOut() {
  useTitle("Sign in");
  const incident = /^\/incidents\/(INC-\d+)$/.exec(location.pathname)?.[1];
  return (
    <main className="signed-out">
      <div className="panel">
        <p className="mark row">
          <Mark /> <b>Tocsin</b>
        </p>
        <h1>You are signed out</h1>
        <h2>With a link</h2>
        <p>
          Open the one-time link that an administrator made for you, or that{" "}
          <code className="mono">./bin/tocsin up</code> prints when it starts. Then come back to
          this page.
        </p>
        <h2>You were paged</h2>
        <p>The acknowledge link in the page works without signing in.</p>
        <h2>On the command line</h2>
        <p>
          <code className="mono">
            {incident === undefined
              ? "./bin/tocsin incidents"
              : `./bin/tocsin incident show ${incident}`}
          </code>{" "}
          with your API token in <code className="mono">TOCSIN_TOKEN</code>.
        </p>
      </div>
    </main>
  );
}
