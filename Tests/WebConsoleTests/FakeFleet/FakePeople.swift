import Delivery

/// Commits by people who do not exist.
struct FakePeople: Sendable {
    private static let names = [
        "Ingrid Solheim", "Jonas Berg", "Amina Warsame", "Olav Tveit", "Sunniva Ådland", "Piotr Zieliński",
        "renovate[bot]",
        "Marte Kvæven-Gundersen",
    ]
    private static let subjects = [
        "Serve vector tiles from the new cache", "Raise memory limit to 512Mi", "Roll out 2026.47.1",
        "Log request ids",
        "Bump base image to bookworm 2026-11-20", "Retry reads from the elevation service",
        "Add readiness probe",
        "Turn on the winter road layer", "Trim the config map",
        "Scale to three replicas before the holiday traffic",
        "Revert \"Use connection pooling in front of PostGIS\"", "Fix wrong projection for Svalbard",
    ]

    static func revision(_ number: Int, at time: Double) -> ApplicationSnapshot.Revision {
        var state = UInt64(bitPattern: Int64(number)) &* 0x9E37_79B9_7F4A_7C15
        var commit = ""
        while commit.utf8.count < 40 {
            state = (state ^ (state >> 29)) &* 0xBF58_476D_1CE4_E5B9 &+ 0x94D0_49BB_1331_11EB
            commit += String(state | 1 << 63, radix: 16)
        }
        return ApplicationSnapshot.Revision(
            commit: String(commit.prefix(40)),
            author: names[abs(number) % names.count],
            subject: subjects[abs(number &* 7) % subjects.count],
            time: time
        )
    }
}
