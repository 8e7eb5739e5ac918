import KubeModel

/// Completion indexes as a Job's status writes them: `1,3-5,7`.
struct JobIndexes: Sendable, Hashable {
    var numbers: Set<Int>

    init(_ numbers: Set<Int> = []) { self.numbers = numbers }

    init(parsing text: String?) {
        numbers = []
        for part in (text ?? "").split(separator: ",") {
            let ends = part.split(separator: "-").compactMap { Int($0) }
            if let first = ends.first, let last = ends.last, first <= last { numbers.formUnion(first...last) }
        }
    }

    var text: String {
        var ranges: [ClosedRange<Int>] = []
        for index in numbers.sorted() {
            if let last = ranges.last, last.upperBound + 1 == index {
                ranges[ranges.count - 1] = last.lowerBound...index
            } else {
                ranges.append(index...index)
            }
        }
        return ranges.map { range in
            // Two in a row are written apart.
            switch range.count {
            case 1: "\(range.lowerBound)"
            case 2: "\(range.lowerBound),\(range.upperBound)"
            default: "\(range.lowerBound)-\(range.upperBound)"
            }
        }.joined(separator: ",")
    }
}
