/** The tools whose exports can be read. */
import { importGoAlert } from "./goalert.ts";
import { importGrafanaOncall } from "./grafanaOncall.ts";
import type { ExportDocument, Imported } from "./imported.ts";
import { importOpsgenie } from "./opsgenie.ts";
import { importPagerDuty } from "./pagerduty.ts";

export const IMPORTERS: Readonly<
  Record<string, (documents: readonly ExportDocument[]) => Imported>
> = {
  pagerduty: importPagerDuty,
  opsgenie: importOpsgenie,
  "grafana-oncall": importGrafanaOncall,
  goalert: importGoAlert,
};
