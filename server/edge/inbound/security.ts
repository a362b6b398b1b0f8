/** The tools that detect and that look for weaknesses, one line each. Order does not matter: the surest one reads. */
import { type Adapter } from "../../domain/signal/signal.ts";
import { aqua } from "./posture/aqua.ts";
import { amazonInspector } from "./posture/amazonInspector.ts";
import { amazonMacie } from "./posture/amazonMacie.ts";
import { gitGuardian } from "./posture/gitGuardian.ts";
import { lacework } from "./posture/lacework.ts";
import { orca } from "./posture/orca.ts";
import { prismaCloud } from "./posture/prismaCloud.ts";
import { securityCommandCenter } from "./posture/securityCommandCenter.ts";
import { semgrep } from "./posture/semgrep.ts";
import { snyk } from "./posture/snyk.ts";
import { sonarQube } from "./posture/sonarQube.ts";
import { tenable } from "./posture/tenable.ts";
import { trivy } from "./posture/trivy.ts";
import { auth0 } from "./security/auth0.ts";
import { awsWaf } from "./security/awsWaf.ts";
import { carbonBlack } from "./security/carbonBlack.ts";
import { cef } from "./security/cef.ts";
import { cloudflare } from "./security/cloudflare.ts";
import { cortexXdr } from "./security/cortexXdr.ts";
import { crowdStrike } from "./security/crowdStrike.ts";
import { defender } from "./security/defender.ts";
import { elasticDetection } from "./security/elasticDetection.ts";
import { falco } from "./security/falco.ts";
import { googleWorkspace } from "./security/googleWorkspace.ts";
import { guardDuty } from "./security/guardDuty.ts";
import { identityProtection } from "./security/identityProtection.ts";
import { kubernetesAudit } from "./security/kubernetesAudit.ts";
import { leef } from "./security/leef.ts";
import { modSecurity } from "./security/modSecurity.ts";
import { mozDef } from "./security/mozDef.ts";
import { ocsf } from "./security/ocsf.ts";
import { okta } from "./security/okta.ts";
import { panther } from "./security/panther.ts";
import { qRadar } from "./security/qRadar.ts";
import { securityHub } from "./security/securityHub.ts";
import { sentinel } from "./security/sentinel.ts";
import { sentinelOne } from "./security/sentinelOne.ts";
import { snort } from "./security/snort.ts";
import { sophos } from "./security/sophos.ts";
import { suricata } from "./security/suricata.ts";
import { sysdig } from "./security/sysdig.ts";
import { wazuh } from "./security/wazuh.ts";
import { wiz } from "./security/wiz.ts";
import { zeek } from "./security/zeek.ts";

export const SECURITY_ADAPTERS: readonly Adapter[] = [
  amazonInspector,
  amazonMacie,
  auth0,
  aqua,
  awsWaf,
  carbonBlack,
  cef,
  cloudflare,
  cortexXdr,
  crowdStrike,
  defender,
  elasticDetection,
  falco,
  gitGuardian,
  googleWorkspace,
  guardDuty,
  identityProtection,
  kubernetesAudit,
  lacework,
  leef,
  modSecurity,
  mozDef,
  ocsf,
  okta,
  orca,
  panther,
  prismaCloud,
  qRadar,
  securityCommandCenter,
  securityHub,
  semgrep,
  sentinel,
  sentinelOne,
  snort,
  snyk,
  sonarQube,
  sophos,
  suricata,
  sysdig,
  tenable,
  trivy,
  wazuh,
  wiz,
  zeek,
];
