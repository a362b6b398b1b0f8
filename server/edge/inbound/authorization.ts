/**
 * How a tool that signs nothing proves itself all the same: it shows the secret in a header that whoever
 * sets it up can choose. What it sends is not bound to it, so that a signature comes first (decisions/0118).
 */
import { type SignedRequest } from "../../domain/signal/signal.ts";
import { showsSecret } from "./signatures.ts";

/** Steps of a set-up page. */
export const BY_HEADER =
  "To have it prove itself, add the header Authorization there with “Bearer ” and a secret of yours; put that into the environment and name it, as env:NAME, in the key's signedWith.";
export const BY_PASSWORD =
  "To have it prove itself, choose basic authentication there with any user name and a secret of yours as the password; put that into the environment and name it, as env:NAME, in the key's signedWith.";

/** Steps of those whose cloud issues tokens to them, which the key's signedBy describes (decisions/0133). */
export const BY_GOOGLE =
  "To have it prove itself, enable authentication of the push subscription, with a service account and an audience of yours (left empty it is the endpoint, and the key stands in that); describe its tokens in the key's signedBy: issuer https://accounts.google.com, that audience, and among claims email: the address of the service account.";
const byEntra = (sender: {
  readonly how: string;
  readonly name: string;
  /** Of Microsoft's own application, the same in every tenant. */
  readonly id: string;
  readonly role: string;
}): string =>
  `To have it prove itself, ${sender.how} with an application of your Microsoft Entra tenant that gives “${sender.name}” the role ${sender.role}; describe its tokens in the key's signedBy: issuer https://sts.windows.net/TENANT/, audience api://APPLICATION, and among claims appid: ${sender.id} and roles: ${sender.role} (where the application takes tokens of version 2: issuer https://login.microsoftonline.com/TENANT/v2.0, the application's id as audience, and azp instead of appid).`;
/** https://learn.microsoft.com/azure/azure-monitor/alerts/action-groups#configure-authentication-for-secure-webhook */
export const BY_ACTION_GROUP = byEntra({
  how: "choose the action type “Secure Webhook” instead,",
  name: "AzNS AAD Webhook",
  id: "461e8683-5575-4561-ac7f-899cc907d62a",
  role: "ActionGroupsSecureWebhook",
});
/** https://learn.microsoft.com/azure/event-grid/secure-webhook-delivery */
export const BY_EVENT_GRID = byEntra({
  how: "choose Microsoft Entra authentication in the event subscription,",
  name: "Microsoft.EventGrid",
  id: "4962773b-9cdb-44cf-a8bf-237846a00ab7",
  role: "AzureEventGridSecureWebhookSubscriber",
});

/** Whether Authorization shows the secret: as it is, as a bearer token, or as the password beside any name. */
export function authorizedBy({ headers }: SignedRequest, secret: string): boolean {
  const shown = headers["authorization"] ?? "";
  // The whole header may be the secret, its scheme included: keys of Auth0 and Okta are set up so.
  if (showsSecret(shown, secret)) return true;
  const [, scheme = "", rest = ""] = /^(Bearer|Basic) +(.+)$/i.exec(shown) ?? [];
  if (/^Bearer$/i.test(scheme)) return showsSecret(rest, secret);
  if (!/^Basic$/i.test(scheme)) return false;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(rest, "base64").toString("utf8")) ?? [];
  return showsSecret(password, secret);
}
