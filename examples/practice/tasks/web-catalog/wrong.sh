# What everybody tries: quotes in the search, which is bound, and a union, which is refused.
cat > requests.json <<'END'
[{"path": "/charts?q=%27%20union%20select%20word%20from%20safe%20--"}, {"path": "/charts?show=title%20from%20charts%20union%20select%20word%20from%20safe%20--"}]
END
