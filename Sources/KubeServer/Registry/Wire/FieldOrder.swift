/// Where the members of a JSON text stand: objects in memory are sorted, but complaints come in the text's order.
enum FieldOrder {
    /// Sorts paths like `spec.containers[0].frob` by where they are in a text; what is not found comes last, as it was.
    static func sorted(_ paths: [String], as text: [UInt8]) -> [String] {
        guard paths.count > 1, !text.isEmpty else { return paths }
        var scanner = Scanner(text: text, wanted: Set(paths))
        scanner.value("")
        let places = scanner.places
        return paths.enumerated().sorted { left, right in
            (places[left.element] ?? .max, left.offset) < (places[right.element] ?? .max, right.offset)
        }.map(\.element)
    }

    /// Walks a text that has been parsed before, so it need not find mistakes; it stops at anything odd.
    private struct Scanner {
        let text: [UInt8]
        let wanted: Set<String>
        var places: [String: Int] = [:]
        private var position = 0

        init(text: [UInt8], wanted: Set<String>) {
            self.text = text
            self.wanted = wanted
        }

        private mutating func next() -> UInt8? {
            while position < text.count, [9, 10, 13, 32].contains(text[position]) { position += 1 }
            return position < text.count ? text[position] : nil
        }

        mutating func value(_ path: String) {
            switch next() {
            case UInt8(ascii: "{"): members(path)
            case UInt8(ascii: "["): elements(path)
            case UInt8(ascii: "\""): _ = string()
            default:
                while let byte = next(), !",]}".utf8.contains(byte) { position += 1 }
            }
        }

        private mutating func members(_ path: String) {
            position += 1
            while next() == UInt8(ascii: "\"") {
                let start = position
                let key = string()
                let place = path.isEmpty ? key : "\(path).\(key)"
                if wanted.contains(place), places[place] == nil { places[place] = start }
                guard next() == UInt8(ascii: ":") else { return }
                position += 1
                value(place)
                guard next() == UInt8(ascii: ",") else { break }
                position += 1
            }
            position += 1
        }

        private mutating func elements(_ path: String) {
            position += 1
            var index = 0
            while let byte = next(), byte != UInt8(ascii: "]") {
                value("\(path)[\(index)]")
                index += 1
                guard next() == UInt8(ascii: ",") else { break }
                position += 1
            }
            position += 1
        }

        /// A string without its escapes undone: keys with escapes are not found, and come last.
        private mutating func string() -> String {
            position += 1
            let start = position
            while position < text.count, text[position] != UInt8(ascii: "\"") {
                position += text[position] == UInt8(ascii: "\\") ? 2 : 1
            }
            let end = min(position, text.count)
            position += 1
            return String(decoding: text[start..<end], as: UTF8.self)
        }
    }
}
