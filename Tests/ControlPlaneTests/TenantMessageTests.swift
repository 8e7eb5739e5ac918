import Testing

@testable import ControlPlane

@Suite("What is told of a tenant's repositories")
struct TenantMessageTests {
    @Test("Each problem is told, as long as there are few")
    func problems() {
        #expect(Backend.words(of: []) == "")
        #expect(Backend.words(of: ["a is not signed."]) == "a is not signed.")
        #expect(Backend.words(of: ["a is not signed", "b hangs."]) == "a is not signed. b hangs.")
        #expect(Backend.words(of: ["a.", "b.", "c.", "d.", "e."]) == "a. b. c. (and 2 more)")
    }
}
