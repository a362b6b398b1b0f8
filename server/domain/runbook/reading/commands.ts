/** Code as a person reads it: whether it only looks, whether it changes something, whether that comes back. */
import type { StepKind } from "../../../../contract/runbook.ts";

const DESTRUCTIVE =
  /(?<![\w-])(?:rm\s+-[a-z]*[rf]|drop\s+(?:table|database|schema|index|keyspace|collection|user|role)|truncate(?:\s+table)?\s|delete\s+from\b|(?:kubectl|oc)\s[^\n]{0,80}\bdelete\b|kubectl\s+drain\b|oc\s+adm\s+drain\b|helm\s+(?:uninstall|delete)\b|terraform\s+destroy\b|pg_terminate_backend|pg_drop_|aws\s[^\n]{0,80}\b(?:delete|terminate|deregister)-|aws\s+s3\s+(?:rb|rm)\b|gsutil\s[^\n]{0,40}\brm\b|gcloud\s[^\n]{0,80}\bdelete\b|az\s[^\n]{0,80}\bdelete\b|curl\s[^\n]{0,120}-X\s?DELETE\b|mkfs\b|dd\s+if=|wipefs|(?:lv|vg|pv)remove\b|zfs\s+destroy\b|dropdb\b|userdel\b|git\s+push\s[^\n]{0,40}--force|git\s+reset\s+--hard|git\s+clean\s+-[a-z]*f|-exec\s+rm\b|-delete\b|flushall|flushdb|apt-get\s+(?:purge|remove)|yum\s+remove|kill\s+-9|shutdown\s+-|docker\s[^\n]{0,40}\b(?:rm|prune)\b|force-new-cluster|--purge\b|--force-delete|--reset-offsets\b(?=[^\n]{0,200}--execute))/i;
/** Words of somebody who knows that it does not come back. */
const FOREVER =
  /\b(?:(?:can ?not|can['’]t) be (?:undone|reversed|taken back|recovered)|irreversibl[ey]|permanently (?:delete|remove|erase|destroy|lose)[sd]?|(?:this|it|that) will (?:lose|delete|erase|destroy|wipe|drop) (?:all|every|any))\b/i;

/** True where carrying this out may not be taken back. */
export const isDestructive = (code: string): boolean => DESTRUCTIVE.test(code);
/** True where the words say so themselves. */
export const isSaidToBeFinal = (words: string): boolean => FOREVER.test(words);

/** Programs that documents name at the beginning of a command. */
const PROGRAM =
  /^(?:sudo\s+(?:-\S+\s+\w+\s+)?)?(?:kubectl|oc|helm|docker|podman|crictl|systemctl|service|journalctl|aws|gcloud|gsutil|bq|az|terraform|ansible(?:-playbook)?|psql|mysql|redis-cli|etcdctl|mongosh?|ssh|scp|curl|wget|dig|nslookup|ping|traceroute|openssl|ps|top|df|du|free|ls|cat|tail|head|grep|find|lsof|netstat|ss|rm|mv|cp|chmod|chown|kill|pkill|killall|git|make|npm|yarn|python3?|bundle|rake|knife|gitlab-ctl|chef-client|salt|consul|vault|nomad|ceph|rabbitmqctl|kafka-[a-z-]{3,30}(?:\.sh)?|pg_[a-z]{3,20}|promtool|amtool|mount|umount|reboot|shutdown|apt(?:-get)?|yum|dnf|iptables|nft|tcpdump|Get-[A-Z]\w{2,30}|Set-[A-Z]\w{2,30}|Restart-[A-Z]\w{2,30})(?=\s|$)|^(?:sudo\s+)?\.{0,2}\/[\w./-]{2,80}\s+\S/;

/** True for code that is a command to type, not the name of something. */
export const isCommand = (code: string): boolean => PROGRAM.test(code.trim());

const LOOKS: readonly RegExp[] = [
  /^(?:kubectl|oc|k)\s(?:[^\n|]{0,80}\s)?(?:get|describe|logs?|top|explain|version|cluster-info|events|whoami|rollout (?:status|history)|auth can-i|config (?:view|get-contexts|current-context))\b/i,
  /^(?:docker|podman|crictl)\s(?:\S+\s)?(?:ps|logs|inspect|images|stats|top|info|version|events|port)\b/i,
  /^aws\s[^\n|]{0,60}\s(?:describe|list|get|head|lookup|search|filter|view|batch-get)[a-z-]*\b|^aws\s+s3\s+ls\b/i,
  /^(?:gcloud|az|doctl|bq|gsutil)\s[^\n|]{0,80}\b(?:list|describe|show|read|ls)\b/i,
  /^systemctl\s(?:-\S+\s)?(?:status|list-units|list-timers|is-active|is-failed|show|cat)\b|^service\s\S+\sstatus\b/i,
  /^(?:helm\s(?:list|ls|status|get|history)|git\s(?:status|log|diff|show|blame|branch\b|remote -v)|terraform\s(?:plan|show|output|state list)|consul\s(?:members|info)|vault\s(?:status|read|list)|nomad\s(?:status|node status)|ceph\s(?:-s|status|health|df|osd (?:tree|df|stat|perf))|rabbitmqctl\s(?:status|list_\w+)|etcdctl\s(?:[^\n|]{0,80}\s)?(?:endpoint|member list|get|version|alarm list)|redis-cli\s(?:[^\n|]{0,40}\s)?(?:info|ping|get|monitor|slowlog|keys|llen|ttl)|openssl\s(?:s_client|x509|verify)|ip\s(?:a|addr|r|route|link)\b|promtool\s(?:check|query)|amtool\s(?:alert|silence query|config)|gitlab-ctl\s(?:status|tail))\b/i,
  /^(?:cat|tail|head|less|more|zless|grep|egrep|zgrep|ls|ll|df|du|free|uptime|top|htop|ps|pgrep|lsof|netstat|ss|dig|nslookup|host|ping|traceroute|mtr|telnet|date|who|w|last|dmesg|vmstat|iostat|iotop|sar|lsblk|blkid|wc|stat|file|id|hostname|ifconfig|nvidia-smi|journalctl|jq|pg_isready|tcpdump|sha\d{3}sum|md5sum|Get-[A-Z]\w+)\b/,
  /^curl\b(?![^\n]*\s(?:-X\s?(?:POST|PUT|PATCH|DELETE)|-d|--data|--request\s(?:POST|PUT|PATCH|DELETE)|-T|-o)\b)/,
  /^find\b(?![^\n]*\s(?:-delete|-exec\s+rm)\b)/,
  /^(?:\w+[=#>]\s*)?(?:select|show|explain|describe|\\[dlx]\w?)\b/i,
  /^(?:sum|avg|max|min|count|rate|irate|increase|histogram_quantile|topk|absent)\s?(?:by|without)?\s?\(/,
];
const PROMPT =
  /^\s{0,8}(?:\$|>|%|#(?=\s\S))\s?|^\s{0,8}[\w.-]{1,30}@[\w.-]{1,40}[:~][^\s#$]{0,40}[#$]\s/;

/** “check” where every line of it only looks, “act” where one may change something; null: no command at all. */
export function kindOfCode(code: string): Extract<StepKind, "check" | "act"> | null {
  const lines = code
    .slice(0, 8000)
    .split("\n")
    .filter((line) => line.trim() !== "");
  const prompted = lines.filter((line) => /^\s{0,8}[$>%]\s?\S/.test(line));
  const commands = (prompted.length > 0 ? prompted : lines)
    .filter((line) => prompted.length > 0 || !/^\s*(?:#|--|\/\/|\/\*|\|)/.test(line))
    .map((line) =>
      line
        .replace(PROMPT, "")
        .trim()
        .replace(/^sudo\s+(?:-\S+\s+\S+\s+)?/, ""),
    );
  const [first] = commands;
  if (first === undefined) return null;
  // A query goes on over many lines.
  if (isDestructive(code)) return "act";
  if (/^(?:select|with|show|explain)\b/i.test(first)) return "check";
  const isOneLine = commands.length === 1 || /[\\|{([,]\s*$/.test(first);
  const asked = isOneLine ? [first] : commands.slice(0, 40);
  return asked.every((line) => LOOKS.some((pattern) => pattern.test(line))) ? "check" : "act";
}
