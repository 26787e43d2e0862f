/**
 * A short fingerprint to notice change by, kept in place of values that may be secret. Two lanes of MurmurHash3's kind over
 * words of 32 bits: node:crypto would cost a hook that changes nothing a third of its time just by being loaded, a loop
 * over single characters would have V8 optimize it in the middle of that hook. A collision is no gain for an attacker: it
 * only hides one change from the charm.
 */
export function digest(text: string): string {
  const length = Buffer.byteLength(text);
  const bytes = Buffer.alloc(Math.ceil(length / 4) * 4);
  bytes.write(text);
  let low = 0x811c9dc5;
  let high = 0x9dc5811c;
  for (const word of new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)) {
    low = Math.imul((low ^ word) >>> 0, 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ word ^ (low >>> 16), 0x85ebca6b);
    high ^= high >>> 13;
  }
  return hex(finalize(low ^ length)) + hex(finalize(high ^ low));
}

function finalize(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex(lane: number): string {
  return lane.toString(16).padStart(8, '0');
}
