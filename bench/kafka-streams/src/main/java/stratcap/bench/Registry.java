package stratcap.bench;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.avro.Schema;

/** What the application asks of the schema registry: once per schema, never per record. */
final class Registry {
    /** A schema with its id. */
    record Registered(int id, Schema schema) {}

    private final String url;
    private final HttpClient http = HttpClient.newHttpClient();
    private final ObjectMapper json = new ObjectMapper();

    Registry(String url) {
        this.url = url.replaceAll("/+$", "");
    }

    Schema byId(int id) {
        return parse(get("/schemas/ids/" + id).get("schema").asText());
    }

    Registered latest(String subject) {
        JsonNode answer = get("/subjects/" + URLEncoder.encode(subject, StandardCharsets.UTF_8) + "/versions/latest");
        return new Registered(answer.get("id").asInt(), parse(answer.get("schema").asText()));
    }

    private static Schema parse(String text) {
        return new Schema.Parser().parse(text);
    }

    private JsonNode get(String path) {
        try {
            HttpResponse<String> answer = http.send(HttpRequest.newBuilder(URI.create(url + path)).build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() != 200) throw new IllegalStateException(url + path + " was answered " + answer.statusCode() + ": " + answer.body());
            return json.readTree(answer.body());
        } catch (IOException | InterruptedException error) {
            throw new IllegalStateException("The schema registry at " + url + " did not answer.", error);
        }
    }
}
