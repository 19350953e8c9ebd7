import { DuckDBInstance } from '@duckdb/node-api'

/** A flight as the outside world knows it: what is asked for before it leaves, and how late it was after. */
export interface Flight {
  id: string
  date: Date
  distance: number
  origin: string
  destination: string
  late: boolean
}

/**
 * Reads every n-th flight of a day, in order. The file is read here as the airline's own system would know it: the
 * platform only ever sees requests and, a day later, labels.
 */
export async function createFlightStream(file: string, oneIn: number) {
  const instance = await DuckDBInstance.create(':memory:', { threads: '1', memory_limit: '500MB' })
  const connection = await instance.connect()
  return {
    async day(start: Date): Promise<Flight[]> {
      const reader = await connection.runAndReadAll(
        `SELECT file_row_number AS row, epoch_ms(date) AS date, distance, origin, destination, delay > 15 AS late
         FROM read_parquet($file, file_row_number = true)
         WHERE date >= epoch_ms($start::BIGINT) AND date < epoch_ms($end::BIGINT) AND file_row_number % $oneIn = 0
         ORDER BY row`,
        { file, start: BigInt(start.getTime()), end: BigInt(start.getTime() + 86_400_000), oneIn },
      )
      return reader.getRowObjectsJS().map((row) => ({
        id: `flight-${row.row}`,
        date: new Date(Number(row.date)),
        distance: Number(row.distance),
        origin: String(row.origin),
        destination: String(row.destination),
        late: row.late === true,
      }))
    },
    close() {
      connection.closeSync()
      instance.closeSync()
    },
  }
}

export type FlightStream = Awaited<ReturnType<typeof createFlightStream>>
