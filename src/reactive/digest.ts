export { digest } from '../system/text-digest.ts';
