import type { Coordinates } from "./snapshot.ts";

const EARTH_RADIUS_KM = 6371;

/** True where two GB/T 2260 codes lie in one city: the first four digits name it. */
export function sameCity(left: string, right: string): boolean {
  return left.length >= 4 && left.slice(0, 4) === right.slice(0, 4);
}

/** True where two GB/T 2260 codes lie in one province: the first two digits name it. */
export function sameProvince(left: string, right: string): boolean {
  return left.length >= 2 && left.slice(0, 2) === right.slice(0, 2);
}

/** A county without coordinates of its own stands where its city does. */
function locate(
  jurisdictions: ReadonlyMap<string, Coordinates>,
  jurisdiction: string,
): Coordinates | undefined {
  return jurisdictions.get(jurisdiction) ?? jurisdictions.get(`${jurisdiction.slice(0, 4)}00`);
}

/**
 * Great-circle distance in whole kilometres, rounded down.
 * 0 where a place is unknown, so that an unknown distance never counts as far enough.
 */
export function distanceKm(
  jurisdictions: ReadonlyMap<string, Coordinates>,
  from: string,
  to: string,
): number {
  const start = locate(jurisdictions, from);
  const end = locate(jurisdictions, to);
  if (start === undefined || end === undefined) return 0;
  const radians = Math.PI / 180;
  const halfLatitude = ((end.latitude - start.latitude) * radians) / 2;
  const halfLongitude = ((end.longitude - start.longitude) * radians) / 2;
  const haversine =
    Math.sin(halfLatitude) ** 2 +
    Math.cos(start.latitude * radians) * Math.cos(end.latitude * radians) * Math.sin(halfLongitude) ** 2;
  return Math.floor(2 * EARTH_RADIUS_KM * Math.asin(Math.min(1, Math.sqrt(haversine))));
}
