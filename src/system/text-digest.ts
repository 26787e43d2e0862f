/**
 * A short fingerprint to notice change by, kept in place of values that may be secret. Two FNV-1a lanes of 32 bits with
 * MurmurHash3's finalizer: node:crypto would cost a hook that changes nothing a third of its time just by being loaded,
 * and nobody gains by a collision, which only hides that something is to be looked at again.
 */
export function digest(text: string): string {
  let low = 0x811c9dc5;
  let high = 0x9dc5811c;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul(high ^ unit ^ (low >>> 16), 0x85ebca6b);
  }
  return hex(finalize(low ^ text.length)) + hex(finalize(high ^ low));
}

function finalize(lane: number): number {
  let mixed = Math.imul(lane ^ (lane >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}

function hex(lane: number): string {
  return lane.toString(16).padStart(8, '0');
}
