/** The tools that watch services, one line each. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { alertmanagerText } from "./alertmanagerText.ts";
import { alertmanagerGroups } from "./alertmanagerGroups.ts";
import { appDynamics } from "./apm/appDynamics.ts";
import { bugsnag } from "./apm/bugsnag.ts";
import { coralogix } from "./apm/coralogix.ts";
import { dash0 } from "./apm/dash0.ts";
import { dynatrace } from "./apm/dynatrace.ts";
import { honeybadger } from "./apm/honeybadger.ts";
import { influxDb } from "./apm/influxDb.ts";
import { instana } from "./apm/instana.ts";
import { sumoLogic } from "./apm/sumoLogic.ts";
import { sysdigMonitor } from "./apm/sysdigMonitor.ts";
import { awsSns } from "./awsSns.ts";
import { azureEventGrid } from "./azureEventGrid.ts";
import { azureMonitor } from "./azureMonitor.ts";
import { chatMessage } from "./chatMessage.ts";
import { checkly } from "./checkly.ts";
import { cloudWatch } from "./cloudWatch.ts";
import { datadog } from "./datadog.ts";
import { elastAlert } from "./elastAlert.ts";
import { elastic } from "./elastic.ts";
import { email } from "./email.ts";
import { eventBridge } from "./eventBridge.ts";
import { gcpMonitoring } from "./gcpMonitoring.ts";
import { grafana } from "./grafana.ts";
import { graylog } from "./graylog.ts";
import { healthchecks } from "./healthchecks.ts";
import { honeycomb } from "./honeycomb.ts";
import { jira } from "./jira.ts";
import { kapacitor } from "./kapacitor.ts";
import { kubernetes } from "./kubernetes.ts";
import { librenms } from "./librenms.ts";
import { nagios } from "./nagios.ts";
import { netdata } from "./netdata.ts";
import { netlify } from "./netlify.ts";
import { newRelic } from "./newRelic.ts";
import { calendar, pagerDutyRest } from "./notAlerts.ts";
import { oncallFormatted } from "./oncallFormatted.ts";
import { opsgenie } from "./opsgenie.ts";
import { pagerDutyChange } from "./pagerDutyChange.ts";
import { pagerDutyV1 } from "./pagerDutyV1.ts";
import { pagerDutyWebhook } from "./pagerDutyWebhook.ts";
import { incidentIo } from "./paging/incidentIo.ts";
import { squadcast } from "./paging/squadcast.ts";
import { victorOps } from "./paging/victorOps.ts";
import { zenduty } from "./paging/zenduty.ts";
import { pingdom } from "./pingdom.ts";
import { raygun } from "./raygun.ts";
import { rollbar } from "./rollbar.ts";
import { sentry } from "./sentry.ts";
import { serviceNow } from "./serviceNow.ts";
import { solarWinds } from "./solarWinds.ts";
import { splunk } from "./splunk.ts";
import { splunkObservability } from "./splunkObservability.ts";
import { statuspage } from "./statuspage.ts";
import { thousandEyes } from "./thousandEyes.ts";
import { updown } from "./updown.ts";
import { betterStack } from "./uptime/betterStack.ts";
import { cronitor } from "./uptime/cronitor.ts";
import { gatus } from "./uptime/gatus.ts";
import { hetrixTools } from "./uptime/hetrixTools.ts";
import { openStatus } from "./uptime/openStatus.ts";
import { prtg } from "./uptime/prtg.ts";
import { sensu } from "./uptime/sensu.ts";
import { site24x7 } from "./uptime/site24x7.ts";
import { statusCake } from "./uptime/statusCake.ts";
import { uptimeRobot } from "./uptime/uptimeRobot.ts";
import { uptimeKuma } from "./uptimeKuma.ts";
import { wazuhForm } from "./wazuhForm.ts";
import { zabbix } from "./zabbix.ts";

export const MONITORING_ADAPTERS: readonly Adapter[] = [
  alertmanagerGroups,
  alertmanagerText,
  appDynamics,
  awsSns,
  azureEventGrid,
  azureMonitor,
  betterStack,
  bugsnag,
  chatMessage,
  checkly,
  cloudWatch,
  coralogix,
  cronitor,
  dash0,
  datadog,
  dynatrace,
  elastAlert,
  elastic,
  email,
  eventBridge,
  gatus,
  gcpMonitoring,
  grafana,
  graylog,
  healthchecks,
  hetrixTools,
  honeybadger,
  honeycomb,
  incidentIo,
  influxDb,
  instana,
  jira,
  kapacitor,
  kubernetes,
  librenms,
  nagios,
  netdata,
  netlify,
  newRelic,
  oncallFormatted,
  openStatus,
  opsgenie,
  pagerDutyChange,
  pagerDutyRest,
  pagerDutyV1,
  pagerDutyWebhook,
  pingdom,
  prtg,
  raygun,
  rollbar,
  sensu,
  sentry,
  serviceNow,
  site24x7,
  solarWinds,
  splunk,
  splunkObservability,
  squadcast,
  statusCake,
  statuspage,
  sumoLogic,
  sysdigMonitor,
  thousandEyes,
  updown,
  uptimeKuma,
  uptimeRobot,
  victorOps,
  wazuhForm,
  zabbix,
  zenduty,
  calendar,
];
