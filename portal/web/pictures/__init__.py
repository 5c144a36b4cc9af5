"""Pictures, as coordinates reckoned from days and numbers alone; `components/pictures.html` draws them."""
