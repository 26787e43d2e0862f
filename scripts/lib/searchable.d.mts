export function searchable(path: string): string[];
