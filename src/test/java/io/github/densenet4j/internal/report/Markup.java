package io.github.densenet4j.internal.report;

import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import javax.xml.xpath.XPathConstants;
import javax.xml.xpath.XPathFactory;
import org.w3c.dom.Document;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** A page or picture as a reader of XML sees it. */
record Markup(Document document) {
  static Markup of(String text) throws Exception {
    return new Markup(
        DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(new InputSource(new StringReader(text))));
  }

  /** The texts of all nodes at an XPath, stripped. */
  List<String> texts(String path) throws Exception {
    var found = (NodeList) XPathFactory.newInstance().newXPath().evaluate(path, document, XPathConstants.NODESET);
    return IntStream.range(0, found.getLength()).mapToObj(i -> found.item(i).getTextContent().strip()).toList();
  }

  double[] numbers(String path) throws Exception {
    return texts(path).stream().mapToDouble(Double::parseDouble).toArray();
  }
}
