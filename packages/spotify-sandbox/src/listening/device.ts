/** A thing that can play, as `/me/player/devices` lists it. */
export interface Device {
  id: string;
  name: string;
  type: 'Smartphone' | 'Computer' | 'Speaker' | 'TV' | 'Automobile' | 'CastAudio';
  /** True for the kind that takes no commands from the API. */
  restricted: boolean;
  /** Some devices have no volume that can be read or set. */
  supportsVolume: boolean;
  volumePercent: number;
}
