/** The tools that detect, one line each. Order does not matter: the surest one reads. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { awsWaf } from "./security/awsWaf.ts";
import { cef } from "./security/cef.ts";
import { crowdStrike } from "./security/crowdStrike.ts";
import { defender } from "./security/defender.ts";
import { elasticDetection } from "./security/elasticDetection.ts";
import { falco } from "./security/falco.ts";
import { guardDuty } from "./security/guardDuty.ts";
import { identityProtection } from "./security/identityProtection.ts";
import { kubernetesAudit } from "./security/kubernetesAudit.ts";
import { modSecurity } from "./security/modSecurity.ts";
import { mozDef } from "./security/mozDef.ts";
import { ocsf } from "./security/ocsf.ts";
import { okta } from "./security/okta.ts";
import { securityHub } from "./security/securityHub.ts";
import { sentinel } from "./security/sentinel.ts";
import { sentinelOne } from "./security/sentinelOne.ts";
import { snort } from "./security/snort.ts";
import { suricata } from "./security/suricata.ts";
import { wazuh } from "./security/wazuh.ts";
import { wiz } from "./security/wiz.ts";

export const SECURITY_ADAPTERS: readonly Adapter[] = [
  awsWaf,
  cef,
  crowdStrike,
  defender,
  elasticDetection,
  falco,
  guardDuty,
  identityProtection,
  kubernetesAudit,
  modSecurity,
  mozDef,
  ocsf,
  okta,
  securityHub,
  sentinel,
  sentinelOne,
  snort,
  suricata,
  wazuh,
  wiz,
];
