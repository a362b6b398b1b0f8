/**
 * Amazon Macie's findings by EventBridge: personal data in buckets, and buckets that are open.
 * https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html
 * Samples: golden/macie.*.json
 */
import { type Adapter } from "../../../domain/signal/signal.ts";
import { readObject } from "../items.ts";
import { dig, textAt, timeAt } from "../paths.ts";
import { isObject, type Json } from "../reading.ts";
import { recogniseObject, severityBy } from "../telling.ts";
import { tellFinding } from "../security/finding.ts";

const isMacie = (body: Json): boolean => body["source"] === "aws.macie" && isObject(body["detail"]);

export const amazonMacie: Adapter = {
  about: {
    id: "macie",
    name: "Amazon Macie",
    docs: "https://docs.aws.amazon.com/macie/latest/user/findings-publish-event-schemas.html",
  },
  setUp: {
    steps: [
      'Make an EventBridge rule with the pattern {"source": ["aws.macie"], "detail-type": ["Macie Finding"]}.',
      "Let its target be an SNS topic with an HTTPS subscription to {url}, or an API destination with that address.",
    ],
    sample: "macie.finding.json",
  },
  severities: { High: "error", Medium: "warning", Low: "info" },
  resendsByContract: false,
  recognise: recogniseObject(isMacie),
  read: readObject("an event of aws.macie", (reading, body) => {
    if (!isMacie(body)) return reading.refuse(0, "source", "aws.macie, beside detail");
    const detail = body["detail"];
    const id = textAt(detail, "id");
    // Macie Classic, which is no more, had no findings but alerts.
    if (id === null && dig(detail, "alert-arn") !== undefined)
      return reading.find(0, "detail.alert-arn", "an alert of Macie Classic: no alert");
    if (id === null) return reading.refuse(0, "detail.id", "a text");
    const region = textAt(detail, "region") ?? textAt(body, "region");
    const bucket = textAt(detail, "resourcesAffected.s3Bucket.name");
    const title = textAt(detail, "title") ?? textAt(detail, "type") ?? "Macie finding";
    tellFinding(reading, 0, {
      uid: [id],
      title: bucket === null ? title : `${title.replace(/\.$/, "")}: ${bucket}`,
      description: textAt(detail, "description"),
      severity: severityBy(amazonMacie.severities!, textAt(detail, "severity.description")),
      status: dig(detail, "archived") === true ? "resolved" : "open",
      firstSeenAt: timeAt(reading, 0, { detail, body }, "detail.createdAt", "body.time"),
      product: "Amazon Macie",
      link:
        region === null
          ? null
          : `https://${encodeURIComponent(region)}.console.aws.amazon.com/macie/home?region=${encodeURIComponent(region)}#findings?search=id%3D${encodeURIComponent(id)}`,
      rule: textAt(detail, "type"),
      category: textAt(detail, "category"),
      resource: bucket,
      account: textAt(detail, "accountId") ?? textAt(body, "account"),
      region,
      labels: {
        object: textAt(detail, "resourcesAffected.s3Object.key"),
        public: textAt(detail, "resourcesAffected.s3Bucket.publicAccess.effectivePermission"),
      },
      details: { count: textAt(detail, "count") },
    });
  }),
};
