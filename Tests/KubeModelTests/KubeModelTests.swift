import KubeModel
import Testing

@Test("An object's members are in the order of their keys")
func keysAreSorted() {
    let json: JSON = ["b": 1, "a": 2]
    #expect(json.object?.keys == ["a", "b"])
}
