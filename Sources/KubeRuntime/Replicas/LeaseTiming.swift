/// When leases are renewed, and when one counts as given up.
///
/// A holder stops ``margin`` before the others may take over, so that a slow clock or a late answer makes a gap, never an
/// overlap. Only the passing of time is compared, never the clocks of two machines.
package struct LeaseTiming: Sendable, Hashable {
    /// How long a lease that is not renewed keeps others away.
    package var duration: Duration
    package var renewal: Duration
    package var margin: Duration

    /// A replica that was killed is replaced after 8 to 10 seconds.
    package init(
        duration: Duration = .seconds(8),
        renewal: Duration = .seconds(2),
        margin: Duration = .seconds(2)
    ) {
        self.duration = duration
        self.renewal = renewal
        self.margin = margin
    }
}
