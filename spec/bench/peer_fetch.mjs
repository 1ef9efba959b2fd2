// Node's fetch, which keeps its connections. The authority comes in NODE_EXTRA_CA_CERTS.

const [baseUrl, prefix, count, concurrency] = process.argv.slice(2);
const headers = { "x-api-key": "bench-key" };
let next = 1;

async function deleteOne(number) {
  const response = await fetch(`${baseUrl}/v2/photo_avatar/${prefix}${number}`, { method: "DELETE", headers });
  return response.status === 200 && (await response.json()).code === 100 ? 1 : 0;
}

async function takeTurns() {
  let deleted = 0;
  while (next <= Number(count)) deleted += await deleteOne(next++);
  return deleted;
}

let deleted = await deleteOne(0);
const cpu = process.cpuUsage();
const start = process.hrtime.bigint();
for (const turns of await Promise.all(Array.from({ length: Number(concurrency) }, takeTurns))) deleted += turns;
const { user, system } = process.cpuUsage(cpu);
console.log(deleted, (user + system) / 1e6, Number(process.hrtime.bigint() - start) / 1e9);
