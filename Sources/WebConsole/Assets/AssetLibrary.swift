import ConsoleAssets
import Crypto
import HTTPTypes
import Hummingbird
import NIOCore

/// The console's files, as they were compiled into the binary.
///
/// They are served below `/assets/<release>/`, where the release is a digest of all of them: a browser may keep them for ever,
/// modules import each other by relative paths, and pages of an older binary never meet modules of a newer one.
struct AssetLibrary: Sendable {
    private struct Asset: Sendable {
        let content: ByteBuffer
        /// In gzip form, when that is smaller.
        let compressed: ByteBuffer?
        let type: String
        let tag: String

        init(content: ByteBuffer, type: String, tag: String) {
            self.content = content
            self.type = type
            self.tag = tag
            let bytes = Gzip.compress(Array(content.readableBytesView), .thorough)
            compressed = bytes.flatMap { $0.count < content.readableBytes ? ByteBuffer(bytes: $0) : nil }
        }
    }

    /// What a browser loads for the whole console, compressed, in bytes.
    var compressedSize: Int {
        assets.values.reduce(0) { $0 + ($1.compressed ?? $1.content).readableBytes }
    }

    /// Names this set of files.
    let release: String
    private let assets: [String: Asset]

    init() {
        var assets: [String: Asset] = [:]
        var all = SHA256()
        let table = UnsafeBufferPointer(start: varde_console_assets_list(), count: varde_console_asset_count)
        for entry in table {
            guard let path = entry.path, let bytes = entry.bytes else { continue }
            let content = UnsafeRawBufferPointer(start: bytes, count: entry.size)
            let name = String(cString: path)
            all.update(data: Array(name.utf8))
            all.update(bufferPointer: content)
            assets[name] = Asset(
                content: ByteBuffer(bytes: content),
                type: Self.type(of: name),
                tag: "\"\(Self.text(of: SHA256.hash(data: content)))\""
            )
        }
        let release = Self.text(of: all.finalize())
        // All at once, not as each is found to import the next.
        let alone: Set = ["js/theme.js", "js/sign-in.js"]
        let modules = assets.keys.filter { $0.hasSuffix(".js") && !alone.contains($0) }.sorted()
            .map { "<link rel=\"modulepreload\" href=\"/assets/\(release)/\($0)\">" }.joined(separator: "\n")
        for page in ["index.html", "sign-in.html"] {
            guard let asset = assets.removeValue(forKey: page) else { continue }
            let text = String(buffer: asset.content)
            for language in PageLanguage.allCases {
                let content = text.replacing("{{assets}}", with: "/assets/\(release)")
                    .replacing("{{language}}", with: language.rawValue)
                    .replacing("{{modules}}", with: modules)
                assets[language.name(of: page)] = Asset(
                    content: ByteBuffer(string: content),
                    type: asset.type,
                    tag: "\"\(release)-\(language.rawValue)\""
                )
            }
        }
        self.release = release
        self.assets = assets
    }

    /// Answers a page; it is asked for anew each time.
    func page(_ name: String, for request: Request, status: HTTPResponse.Status = .ok) -> Response {
        answer(PageLanguage(of: request).name(of: name), for: request, status: status, caching: "no-cache")
            ?? Response(ConsoleError(.notFound, "This binary was built without \(name)."))
    }

    /// Answers a file below `/assets/<release>/`; `nil` when there is none of that name.
    func file(_ name: String, release: Substring, for request: Request) -> Response? {
        let isCurrent = release == self.release
        return answer(
            name,
            for: request,
            status: .ok,
            caching: isCurrent ? "public, max-age=31536000, immutable" : "no-cache"
        )
    }

    private func answer(
        _ name: String,
        for request: Request,
        status: HTTPResponse.Status,
        caching: String
    ) -> Response? {
        guard let asset = assets[name] else { return nil }
        var headers: HTTPFields = [.contentType: asset.type, .cacheControl: caching, .eTag: asset.tag]
        headers[.vary] =
            name.hasSuffix(".html") ? "Accept-Encoding, Accept-Language, Cookie" : "Accept-Encoding"
        let known = request.headers[.ifNoneMatch]
        if status == .ok, let known, known == asset.tag || known == "\(asset.tag.dropLast())-gzip\"" {
            return Response(status: .notModified, headers: headers)
        }
        if let compressed = asset.compressed, Gzip.isTaken(by: request) {
            headers[.contentEncoding] = "gzip"
            // The same content in another form is another representation.
            headers[.eTag] = "\(asset.tag.dropLast())-gzip\""
            return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: compressed))
        }
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: asset.content))
    }

    private static func text(of digest: SHA256.Digest) -> String {
        digest.prefix(8).hexadecimal
    }

    private static func type(of name: String) -> String {
        switch name.split(separator: ".").last {
        case "html": "text/html; charset=utf-8"
        case "js": "text/javascript; charset=utf-8"
        case "css": "text/css; charset=utf-8"
        case "svg": "image/svg+xml"
        case "webmanifest": "application/manifest+json"
        default: "application/octet-stream"
        }
    }
}
