package import KubeModel

extension Timestamp {
    /// From seconds since 1970, to the microsecond.
    package init(_ seconds: Double) {
        let micros = Int64((seconds * 1_000_000).rounded())
        let whole = micros >= 0 ? micros / 1_000_000 : (micros - 999_999) / 1_000_000
        self.init(seconds: whole, nanoseconds: Int32(micros - whole * 1_000_000) * 1_000)
    }

    /// Seconds since 1970.
    package var sinceEpoch: Double { Double(seconds) + Double(nanoseconds) / 1e9 }
}
