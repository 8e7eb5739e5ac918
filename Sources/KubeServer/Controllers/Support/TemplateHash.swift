import KubeModel

/// The short hashes in the names and labels of what controllers make from templates.
enum TemplateHash {
    /// Without vowels and look-alikes, as Kubernetes' own names, so that no words appear.
    private static let alphabet = Array("bcdfghjklmnpqrstvwxz2456789")

    /// Eight characters for a template; `collisions` makes another one when that name is taken by something else.
    static func name(of template: JSON, collisions: Int = 0) -> String {
        var hash = fnv(normalized(template).encoded())
        if collisions > 0 { hash = fnv(Array(String(collisions).utf8), from: hash) }
        return text(hash, count: 9)
    }

    static func text(_ hash: UInt64, count: Int) -> String {
        var rest = hash
        var text = ""
        for _ in 0..<count {
            text.append(alphabet[Int(rest % UInt64(alphabet.count))])
            rest /= UInt64(alphabet.count)
        }
        return text
    }

    static func fnv(_ bytes: some Sequence<UInt8>, from seed: UInt64 = 0xcbf2_9ce4_8422_2325) -> UInt64 {
        var hash = seed
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        // The lower digits are used alone, so the upper bits are mixed into them.
        hash ^= hash >> 33
        hash &*= 0xff51_afd7_ed55_8ccd
        return hash ^ (hash >> 33)
    }

    /// A template as far as it matters to the pods: without the hash label and empty leftovers of its metadata.
    static func normalized(_ template: JSON) -> JSON {
        var template = template
        var metadata = template["metadata"] ?? [:]
        if metadata["creationTimestamp"]?.isNull == true { metadata["creationTimestamp"] = nil }
        var labels = metadata["labels"]?.object ?? [:]
        labels["pod-template-hash"] = nil
        metadata["labels"] = labels.isEmpty ? nil : .object(labels)
        template["metadata"] = metadata
        return template
    }
}
