/**
 * Sends GET requests at a steady rate, whether or not the answers keep up, until standard input ends; then prints what
 * became of each as one line of JSON. Usage: timed-client.ts URL REQUESTS_PER_SECOND
 */
import { Agent, type ClientRequest, get } from 'node:http';
import type { Sent } from './timed-load.ts';

const [url = '', rate = ''] = process.argv.slice(2);
const perSecond = Number(rate);
/** Milliseconds. */
const PATIENCE = 30_000;

const kept = new Agent({ keepAlive: true, maxSockets: 64 });
const closed = new Agent({ keepAlive: false });
const sent: Sent[] = [];
let open = 0;
let ending = false;

const began = performance.now();
const pace = setInterval(() => {
  // As many as are due: a timer that comes late makes up for it.
  const due = ((performance.now() - began) / 1000) * perSecond;
  for (let count = sent.length + open; count < due; count += 1) send(count % 2 === 0);
}, 2);

function send(keepAlive: boolean): void {
  open += 1;
  const start = Date.now();
  let isDone = false;
  const done = (outcome: Pick<Sent, 'why' | 'body'>) => {
    if (isDone) return;
    isDone = true;
    open -= 1;
    sent.push({ start, end: Date.now(), keepAlive, ...outcome });
    if (ending && open === 0) finish();
  };
  const request: ClientRequest = get(url, { agent: keepAlive ? kept : closed, timeout: PATIENCE }, (response) => {
    let body = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    response.on('error', (error) => done({ why: `cut off: ${error.message}` }));
    response.on('end', () => done(response.statusCode === 200 ? { body } : { why: `status ${response.statusCode}` }));
  });
  request.on('timeout', () => request.destroy(new Error(`no answer within ${PATIENCE / 1000} s`)));
  request.on('error', (error) =>
    done({ why: request.reusedSocket ? `${error.message} (kept connection)` : error.message }),
  );
}

process.stdin.resume().on('end', () => {
  clearInterval(pace);
  ending = true;
  if (open === 0) finish();
});

function finish(): void {
  process.stdout.write(`${JSON.stringify(sent)}\n`);
  kept.destroy();
}
