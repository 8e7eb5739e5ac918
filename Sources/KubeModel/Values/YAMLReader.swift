import CYaml

/// Builds values from the events of libyaml's parser.
///
/// One instance reads one stream, once.
final class YAMLReader {
    /// The value of an anchor and how many nodes it has, for the limit on what aliases expand to.
    private struct Anchor {
        let value: JSON
        let nodes: Int
    }

    private var parser = yaml_parser_t()
    private var event = yaml_event_t()
    private let limits: YAML.Limits
    private var anchors: [String: Anchor] = [:]
    private var openAnchors: Set<String> = []
    private var nodes = 0
    private var texts = JSONTexts()
    private let repetition: YAML.Repetition
    /// Keys that occur twice in one mapping, if they are allowed to.
    private(set) var repeated: [SyntaxError] = []

    /// The bytes must outlive the reader.
    init(
        _ bytes: UnsafeBufferPointer<UInt8>,
        limits: YAML.Limits,
        repetition: YAML.Repetition = .refused
    ) {
        self.limits = limits
        self.repetition = repetition
        yaml_parser_initialize(&parser)
        yaml_parser_set_input_string(&parser, bytes.baseAddress, bytes.count)
    }

    deinit {
        yaml_event_delete(&event)
        yaml_parser_delete(&parser)
    }

    func documents() throws(SyntaxError) -> [YAML.Document] {
        var documents: [YAML.Document] = []
        var index = 0
        try advance()
        while event.type != YAML_STREAM_END_EVENT {
            if event.type == YAML_DOCUMENT_START_EVENT {
                index += 1
                anchors = [:]
                try advance()
                let line = Int(event.start_mark.line) + 1
                let value = try node(depth: 0)
                if value != .null { documents.append(YAML.Document(value: value, index: index, line: line)) }
            }
            try advance()
        }
        return documents
    }
}

// MARK: - Nodes

extension YAMLReader {
    /// The value of the node whose first event is the current one; its last event is current afterwards.
    private func node(depth: Int) throws(SyntaxError) -> JSON {
        guard depth < limits.depth else { throw error("nested more than \(limits.depth) levels deep") }
        try count(1)
        switch event.type {
        case YAML_ALIAS_EVENT: return try alias()
        case YAML_SCALAR_EVENT:
            let anchor = event.data.scalar.anchor.map { String(cString: $0) }
            let value = try scalar()
            if let anchor { anchors[anchor] = Anchor(value: value, nodes: 1) }
            return value
        case YAML_SEQUENCE_START_EVENT:
            let anchor = event.data.sequence_start.anchor
            return try anchored(anchor) { () throws(SyntaxError) in try sequence(depth: depth) }
        case YAML_MAPPING_START_EVENT:
            let anchor = event.data.mapping_start.anchor
            return try anchored(anchor) { () throws(SyntaxError) in try mapping(depth: depth) }
        default: throw error("a value is missing")
        }
    }

    private func anchored(
        _ anchor: UnsafeMutablePointer<yaml_char_t>?,
        _ read: () throws(SyntaxError) -> JSON
    ) throws(SyntaxError) -> JSON {
        guard let anchor else { return try read() }
        let name = String(cString: anchor)
        let before = nodes
        openAnchors.insert(name)
        let value = try read()
        openAnchors.remove(name)
        anchors[name] = Anchor(value: value, nodes: nodes - before + 1)
        return value
    }

    private func alias() throws(SyntaxError) -> JSON {
        let name = String(cString: event.data.alias.anchor)
        guard !openAnchors.contains(name) else { throw error("anchor '\(name)' value contains itself") }
        guard let anchor = anchors[name] else { throw error("unknown anchor '\(name)' referenced") }
        try count(anchor.nodes)
        return anchor.value
    }

    private func sequence(depth: Int) throws(SyntaxError) -> JSON {
        var elements: [JSON] = []
        try advance()
        while event.type != YAML_SEQUENCE_END_EVENT {
            elements.append(try node(depth: depth + 1))
            try advance()
        }
        return .array(elements)
    }

    private func mapping(depth: Int) throws(SyntaxError) -> JSON {
        var keys: [String] = []
        var values: [JSON] = []
        var isSorted = true
        var merges: [Merge] = []
        // Of the keys, where repeated ones are allowed.
        var places: [String: Int] = [:]
        let start = event.start_mark
        try advance()
        while event.type != YAML_MAPPING_END_EVENT {
            if isMergeKey {
                try advance()
                merges.append(Merge(place: keys.count, objects: try mergedObjects(depth: depth + 1)))
            } else {
                let mark = event.start_mark
                let key = try key()
                try advance()
                let value = try node(depth: depth + 1)
                if repetition == .reported, let place = places.updateValue(keys.count, forKey: key) {
                    // The last value counts, as for Go's maps.
                    places[key] = place
                    repeated.append(duplicate(key, at: mark))
                    values[place] = value
                    try advance()
                    continue
                }
                if let last = keys.last, !(last < key) {
                    isSorted = false
                    if last == key { throw duplicate(key, at: mark) }
                }
                keys.append(key)
                values.append(value)
            }
            try advance()
        }
        let order = merges.isEmpty ? [] : keys
        if !isSorted, let key = JSONObject.sort(keys: &keys, values: &values).first {
            throw duplicate(key, at: start)
        }
        var object = JSONObject(sortedKeys: keys, values: values)
        for merge in merges {
            // As the YAML reader of Kubernetes' tools does: what is merged wins over the keys in front of it, and
            // gives way to those behind it.
            let later = Set(order[merge.place...])
            for other in merge.objects.reversed() {
                for (key, value) in other where !later.contains(key) { object[key] = value }
            }
        }
        return .object(object)
    }

    /// A `<<`: behind how many keys it stands, and what is merged, the first mapping taking precedence.
    private struct Merge {
        let place: Int
        let objects: [JSONObject]
    }

    private var isMergeKey: Bool {
        guard event.type == YAML_SCALAR_EVENT else { return false }
        let scalar = event.data.scalar
        guard scalar.length == 2, scalar.plain_implicit != 0, let value = scalar.value else { return false }
        return value[0] == UInt8(ascii: "<") && value[1] == UInt8(ascii: "<")
    }

    /// What stands behind `<<`: the mappings in the order of their precedence.
    private func mergedObjects(depth: Int) throws(SyntaxError) -> [JSONObject] {
        let mark = event.start_mark
        switch try node(depth: depth) {
        case .object(let object): return [object]
        case .array(let elements):
            var objects: [JSONObject] = []
            for element in elements {
                guard let object = element.object else { throw mergeError(at: mark) }
                objects.append(object)
            }
            return objects
        default: throw mergeError(at: mark)
        }
    }

    private func mergeError(at mark: yaml_mark_t) -> SyntaxError {
        error("map merge requires map or sequence of maps as the value", at: mark)
    }

    private func duplicate(_ key: String, at mark: yaml_mark_t) -> SyntaxError {
        error("key \"\(key)\" already set in map", at: mark)
    }

    /// The key whose event is the current one: numbers and booleans become texts.
    private func key() throws(SyntaxError) -> String {
        if event.type == YAML_SCALAR_EVENT {
            let scalar = event.data.scalar
            if let value = scalar.value, scalar.anchor == nil, scalar.tag == nil {
                let bytes = UnsafeBufferPointer(start: value, count: scalar.length)
                if scalar.plain_implicit == 0 || !YAMLScalar.mayBeTyped(bytes) { return texts.key(bytes) }
            }
        }
        let value: JSON =
            switch event.type {
            case YAML_SCALAR_EVENT, YAML_ALIAS_EVENT: try node(depth: 0)
            default: throw error("a map key must be a scalar")
            }
        switch value {
        case .string(let text): return text
        case .integer(let number): return String(number)
        case .double(let number): return NumberText.generalText(of: Double(Float(number)))
        case .bool(let isTrue): return isTrue ? "true" : "false"
        default: throw error("unsupported map key")
        }
    }

    private func scalar() throws(SyntaxError) -> JSON {
        let scalar = event.data.scalar
        let bytes = UnsafeBufferPointer(start: UnsafePointer(scalar.value), count: scalar.length)
        let tag = scalar.tag.map { String(cString: $0) }
        if tag == nil, scalar.plain_implicit == 0 || !YAMLScalar.mayBeTyped(bytes) {
            return .string(JSONTexts.text(bytes))
        }
        let text = JSONTexts.text(bytes)
        do throws(YAMLScalar.Mismatch) {
            return try YAMLScalar.value(of: text, tag: tag)
        } catch {
            throw self.error(error.message)
        }
    }
}

// MARK: - Events

extension YAMLReader {
    private func advance() throws(SyntaxError) {
        yaml_event_delete(&event)
        guard yaml_parser_parse(&parser, &event) == 1 else { throw parserError() }
    }

    private func count(_ more: Int) throws(SyntaxError) {
        nodes += more
        guard nodes <= limits.nodes else {
            throw error("document contains excessive aliasing or is too large")
        }
    }

    private func error(_ message: String) -> SyntaxError { error(message, at: event.start_mark) }

    private func error(_ message: String, at mark: yaml_mark_t) -> SyntaxError {
        SyntaxError(message: message, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    }

    private func parserError() -> SyntaxError {
        let problem = parser.problem.map { String(cString: $0) } ?? "cannot be read as YAML"
        let context = parser.context.map { String(cString: $0) + ": " } ?? ""
        if parser.error == YAML_READER_ERROR {
            return SyntaxError(message: "\(problem) at byte \(parser.problem_offset)", line: 1, column: 1)
        }
        let place = parser.problem_mark
        return SyntaxError(
            message: context + problem,
            line: Int(place.line) + 1,
            column: Int(place.column) + 1,
            goMessage: goPlace + problem
        )
    }

    /// The line that Go's reader of YAML names: of the context if it has one, counted from 0 but for the scanner.
    private var goPlace: String {
        let context = Int(parser.context_mark.line)
        var line = context != 0 ? context : Int(parser.problem_mark.line)
        guard line != 0 else { return "" }
        if parser.error == YAML_SCANNER_ERROR { line += 1 }
        return "line \(line): "
    }
}
