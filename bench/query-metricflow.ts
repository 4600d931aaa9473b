export async function metricflow(_data: string): Promise<void> {}
