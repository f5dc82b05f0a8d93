import com.jayway.jsonpath.Configuration;
import com.jayway.jsonpath.DocumentContext;
import com.jayway.jsonpath.JsonPath;
import com.jayway.jsonpath.Option;
import com.jayway.jsonpath.PathNotFoundException;
import com.jayway.jsonpath.spi.json.JacksonJsonProvider;
import com.jayway.jsonpath.spi.json.JsonProvider;
import com.jayway.jsonpath.spi.json.JsonSmartJsonProvider;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.StringWriter;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.commons.lang.StringEscapeUtils;
import org.apache.velocity.VelocityContext;
import org.apache.velocity.app.VelocityEngine;

/**
 * Renders mapping templates with Apache Velocity and Jayway JsonPath: one case a line of standard input, one result a
 * line of standard output, both JSON. The variables are those of API Gateway's mapping template reference.
 */
public class RenderTemplates {
  private static final JsonProvider results = new JacksonJsonProvider();

  public static void main(String[] args) throws Exception {
    JsonProvider jackson = new JacksonJsonProvider();
    JsonProvider jsonSmart = new JsonSmartJsonProvider();
    VelocityEngine engine = new VelocityEngine();
    engine.setProperty(
        "runtime.log.logsystem.class", "org.apache.velocity.runtime.log.NullLogChute");
    engine.init();
    PrintStream out = new PrintStream(System.out, true, "UTF-8");
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String line = in.readLine(); line != null; line = in.readLine()) {
      Map<String, Object> result = new LinkedHashMap<>();
      try {
        Map<String, Object> given = (Map<String, Object>) results.parse(line);
        JsonProvider provider = given.get("provider").equals("jackson") ? jackson : jsonSmart;
        render(engine, provider, given, result);
      } catch (Throwable error) {
        result.put("error", error.getClass().getSimpleName() + ": " + error.getMessage());
      }
      out.println(results.toJson(result));
    }
  }

  private static void render(
      VelocityEngine engine,
      JsonProvider provider,
      Map<String, Object> given,
      Map<String, Object> result)
      throws Exception {
    Map<String, Object> status = new HashMap<>();
    Map<String, Object> headers = new HashMap<>();
    status.put("header", headers);
    Map<String, Object> context = new HashMap<>((Map<String, Object>) given.get("context"));
    context.put("responseOverride", status);
    VelocityContext variables = new VelocityContext();
    variables.put(
        "input",
        new Input(provider, (String) given.get("body"), (Map<String, Object>) given.get("params")));
    variables.put("util", new Util(provider));
    variables.put("context", context);
    variables.put("stageVariables", new HashMap<String, Object>());
    StringWriter text = new StringWriter();
    engine.evaluate(variables, text, "template", (String) given.get("template"));
    result.put("text", text.toString());
    if (status.get("status") != null) result.put("status", String.valueOf(status.get("status")));
    Map<String, Object> named = new LinkedHashMap<>();
    for (Map.Entry<String, Object> header : headers.entrySet())
      named.put(header.getKey().toLowerCase(), String.valueOf(header.getValue()));
    result.put("headers", named);
  }

  public static class Input {
    private final JsonProvider provider;
    private final String body;
    private final Map<String, Object> params;
    private DocumentContext document;
    private DocumentContext strict;

    Input(JsonProvider provider, String body, Map<String, Object> params) {
      this.provider = provider;
      this.body = body;
      this.params = params;
    }

    public String getBody() {
      return body;
    }

    public Object path(String path) {
      if (document == null) {
        Configuration configuration =
            Configuration.builder()
                .jsonProvider(provider)
                .options(Option.SUPPRESS_EXCEPTIONS)
                .build();
        // API Gateway takes an empty body for an empty object.
        document = JsonPath.using(configuration).parse(body.isBlank() ? "{}" : body);
        strict =
            JsonPath.using(Configuration.builder().jsonProvider(provider).build())
                .parse((Object) document.json());
      }
      return document.read(path);
    }

    public String json(String path) throws Exception {
      Object value = path(path);
      if (value == null) {
        // API Gateway prints an empty string for what is not there, as opposed to null.
        try {
          strict.read(path);
          return "null";
        } catch (PathNotFoundException missing) {
          return "\"\"";
        }
      }
      if (value instanceof String || value instanceof Number || value instanceof Boolean) {
        // Providers write objects and arrays only: a scalar is written as the item of one.
        Object array = provider.createArray();
        provider.setArrayIndex(array, 0, value);
        String text = provider.toJson(array);
        return text.substring(1, text.length() - 1);
      }
      return provider.toJson(value);
    }

    public Object params(String name) {
      Object found = params.get(name);
      return found == null ? "" : found;
    }
  }

  public static class Util {
    private final JsonProvider provider;

    Util(JsonProvider provider) {
      this.provider = provider;
    }

    public String escapeJavaScript(String text) {
      return StringEscapeUtils.escapeJavaScript(text);
    }

    public Object parseJson(String text) {
      return provider.parse(text);
    }

    public String urlEncode(String text) throws Exception {
      return URLEncoder.encode(text, "UTF-8");
    }

    public String urlDecode(String text) throws Exception {
      return URLDecoder.decode(text, "UTF-8");
    }

    public String base64Encode(String text) {
      return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    public String base64Decode(String text) {
      return new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
    }
  }
}
